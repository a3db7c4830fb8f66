// Streams whose work is recorded instead of queued, and what other calls must not do meanwhile.
//
// The rules are those of the CUDA Programming Guide, "Prohibited and Unhandled Operations", and of
// cudaThreadExchangeStreamCaptureMode in the runtime's reference.
#pragma once

#include <driver_types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "graph.hpp"

namespace cudaemu {

struct event;
struct stream;
using stream_ptr = std::shared_ptr<stream>;

struct capture {
  std::uint64_t id = 0;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread;           // where it began
  std::vector<stream_ptr> streams;  // that are being captured, the one where it began first
  graph_ptr recorded = std::make_shared<graph>();
  std::string invalidated_by;  // empty: valid
  bool ended = false;
};
using capture_ptr = std::shared_ptr<capture>;

// How the calling thread has asked to be treated while others capture.
cudaStreamCaptureMode& capture_mode_of_thread();

// All functions need the scheduler's lock, apart from any(). They throw api_error, and invalidate
// the captures that a forbidden call is about.
class capture_table {
 public:
  [[nodiscard]] bool any() const { return count_ != 0; }

  void begin(const stream_ptr& where, cudaStreamCaptureMode mode);
  graph_ptr end(const stream_ptr& where);
  // The stream is destroyed.
  void forget(const stream& gone);

  // Records an operation instead of queueing it.
  void record(stream& where, const operation_ptr& fresh);
  void record_event(event& what, const stream& where);
  // False if waiting for the event has nothing to do with captures.
  bool wait_for_event(const stream_ptr& where, const event& what);

  // Before work is queued in a stream.
  void check_queueing(const stream& where);
  // Before a stream, a device or an event is asked or waited for.
  void check_waiting(const stream& which);
  void check_waiting(int device);
  void check_waiting(const event& which);
  // Before a call that the reference calls potentially unsafe.
  void check_unsafe();
  // Of an operation that cannot be captured.
  void refuse(const stream& where, cudaError_t error, const char* why);
  // Like check_queueing for a question that changes nothing: no capture becomes invalid.
  void check_asking(const stream& which) const;

 private:
  using choice = std::function<bool(const capture&)>;
  // Invalidates those that are chosen; the error is thrown if there are any.
  void invalidate_if(const choice& chosen, cudaError_t error, const char* why);
  void finish(capture& which);

  std::vector<capture_ptr> active_;
  std::atomic<std::size_t> count_{0};
  std::uint64_t next_id_ = 1;
};

}  // namespace cudaemu

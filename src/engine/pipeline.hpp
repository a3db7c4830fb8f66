#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/backend.hpp"
#include "engine/chunk_queue.hpp"
#include "engine/chunk_reader.hpp"
#include "engine/file_table.hpp"
#include "engine/ledger.hpp"
#include "engine/load_request.hpp"
#include "engine/staging_pool.hpp"
#include "engine/trace_recorder.hpp"

namespace warmstart::detail {

/// Executes one load: readers read chunks, in file order if possible, into slots, from which
/// devices copy.
///
///     chunk:  waiting ──reader, slot──► reading ──► filled ──driver──► in flight ──► done
///                                          └─ all its rows on the host ───────────────┘
///
///     load:   running ──last chunk done──► finished
///                └─ first failure, or a stop request ──► failed: no new chunk is taken, readers
///                   return; the engine drains the devices
///
/// A slot is free again when every device has read its part of it.
class pipeline {
 public:
  /// `trace` is null if the load is not traced.
  pipeline(const load_request& request, const staging_lease& staging, trace_recorder* trace);

  /// Body of every reader thread.
  void read() noexcept;
  /// Body of the driver thread, which runs concurrently with the readers. Returns when the load has
  /// finished and all devices except those with a caller's stream are idle, or when the load has
  /// failed; devices may then still be busy. Readers may still be running.
  void drive() noexcept;
  /// The result, after all threads have returned. Throws the error if the load failed.
  [[nodiscard]] load_result result();

 private:
  static constexpr std::size_t NO_SLOT = SIZE_MAX;

  struct filled_chunk {
    std::uint32_t chunk = 0;
    std::size_t slot = NO_SLOT;
  };
  struct slot_ticket {
    std::uint32_t device = 0;  ///< index into `devices_`
    backend::ticket mark = 0;
  };
  struct copying_chunk {
    filled_chunk chunk;
    std::vector<slot_ticket> tickets;  ///< of devices that have not finished reading
  };

  /// Trace lane of a slot, and the time since when the slot is held.
  struct traced_slot {
    trace_recorder::lane* lane = nullptr;
    trace_recorder::clock::time_point held_since;
  };

  /// `share`: chunks that the reader has taken but not started.
  std::optional<filled_chunk> take(index_range& share, trace_recorder::lane* lane);
  void hand_over(const filled_chunk& filled);
  void finish(const filled_chunk& done);
  void fail(std::exception_ptr why) noexcept;

  void submit(const filled_chunk& filled);
  void pass_on(std::uint32_t last_chunk);
  bool release_done();
  void leave_to_streams();
  bool finish_devices();
  void report_progress(bool last);

  [[nodiscard]] bool has_slot_for_each_chunk() const;
  [[nodiscard]] bool finished() const { return chunks_left_ == 0; }

  const load_request& request_;
  const transfer_plan& plan_;
  const staging_lease& staging_;
  trace_recorder* trace_;
  file_table files_;
  checksum_ledger checksums_;
  expectation_ledger expectations_;
  std::vector<backend*> devices_;  ///< asynchronous backends, each once

  std::mutex mutex_;
  std::condition_variable readers_wait_;
  std::condition_variable driver_waits_;
  chunk_queue waiting_;
  std::size_t chunks_left_;
  std::vector<std::size_t> free_slots_;
  std::vector<traced_slot> traced_slots_;  ///< empty unless the load is traced
  std::deque<filled_chunk> filled_;
  std::exception_ptr failure_;
  std::int64_t bytes_done_ = 0;
  std::atomic<bool> stopping_ = false;  ///< `failure_` is set; can be read without the lock

  // Used only by the driver; some are kept to reuse their memory:
  std::deque<copying_chunk> in_flight_;
  std::vector<std::uint32_t> relay_chunks_left_;  ///< by relay: chunks not queued yet
  std::int64_t bytes_reported_ = -1;
  chunk_commands commands_;
  std::vector<span_range> staged_;
  std::vector<bool> busy_;  ///< by device: a ticket is not done

  /// Last member: its constructor may fail the load at once.
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace warmstart::detail

#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstddef>
#include <vector>

#include "cuda/handles.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {

/// Times what is queued in streams of the current device, by events.
class stream_timer {
 public:
  using clock = std::chrono::steady_clock;

  /// Waits for `stream` a few times, so that the device's clock and the host's meet. Throws
  /// `device`.
  explicit stream_timer(cudaStream_t stream);

  /// By how much times of the host that are derived from the device's may be wrong.
  [[nodiscard]] clock::duration uncertainty() const noexcept { return uncertainty_; }

  /// What is queued in `stream` between the two calls, and how many bytes it moves. Throw `device`.
  std::size_t begin(cudaStream_t stream, timed_command what);
  void end(std::size_t span, cudaStream_t stream, std::size_t size_bytes);

  /// All of it, by stream in order. Waits. Throws `device`.
  [[nodiscard]] std::vector<timed_command> take();

 private:
  struct timed_span {
    timed_command what;
    cuda_event begin;
    cuda_event end;
  };

  [[nodiscard]] clock::time_point time_of(const cuda_event& event) const;

  cuda_event met_;
  clock::time_point met_at_;
  clock::duration uncertainty_ = clock::duration::max();
  std::vector<timed_span> spans_;
};

}  // namespace warmstart::detail

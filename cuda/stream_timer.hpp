#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstddef>
#include <vector>

#include "cuda/handles.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {

/// Times commands in streams of the current device by events.
class stream_timer {
 public:
  using clock = std::chrono::steady_clock;

  /// Synchronizes `stream` several times to relate the device's clock to the host's. Throws
  /// `device`.
  explicit stream_timer(cudaStream_t stream);

  /// Largest error of times that are converted from the device's clock to the host's.
  [[nodiscard]] clock::duration uncertainty() const noexcept { return uncertainty_; }

  /// Times the commands queued in `stream` between the two calls; `size_bytes` is the number of
  /// bytes that they move. Throw `device`.
  std::size_t begin(cudaStream_t stream, timed_command what);
  void end(std::size_t span, cudaStream_t stream, std::size_t size_bytes);

  /// Returns all timed commands in the order of `begin`. Waits for them. Throws `device`.
  [[nodiscard]] std::vector<timed_command> take();

 private:
  struct timed_span {
    timed_command command;
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

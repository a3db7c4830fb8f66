#pragma once

#include <cuda_runtime_api.h>

#include "base/unique_handle.hpp"
#include "cuda/cuda_check.hpp"

namespace warmstart::detail {

// Owners of streams and events of the calling thread's current device. Errors on destruction are
// ignored, because they report failures of earlier commands again.

struct stream_traits {
  using handle_type = cudaStream_t;
  static constexpr handle_type none = nullptr;
  static void close(handle_type stream) noexcept { cuda_ignore(cudaStreamDestroy(stream)); }
};

struct event_traits {
  using handle_type = cudaEvent_t;
  static constexpr handle_type none = nullptr;
  static void close(handle_type event) noexcept { cuda_ignore(cudaEventDestroy(event)); }
};

using cuda_stream = unique_handle<stream_traits>;
using cuda_event = unique_handle<event_traits>;

/// Creates a stream that does not synchronize with the legacy default stream. Throws `device`.
[[nodiscard]] inline cuda_stream make_stream() {
  cudaStream_t stream = nullptr;
  WARMSTART_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return cuda_stream(stream);
}

/// Creates an event, by default without timing. Throws `device`.
[[nodiscard]] inline cuda_event make_event(unsigned flags = cudaEventDisableTiming) {
  cudaEvent_t event = nullptr;
  WARMSTART_CUDA_CHECK(cudaEventCreateWithFlags(&event, flags));
  return cuda_event(event);
}

}  // namespace warmstart::detail

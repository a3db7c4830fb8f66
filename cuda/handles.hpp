#pragma once

#include <cuda_runtime_api.h>

#include "base/unique_handle.hpp"
#include "cuda/cuda_check.hpp"

namespace warmstart::detail {

// Owners of streams and events, made on the calling thread's current device. Failure to destroy is
// ignored: it is an earlier command's failure that shows again.

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

/// A stream that does not take turns with the legacy default stream. Throws `device`.
[[nodiscard]] inline cuda_stream make_stream() {
  cudaStream_t stream = nullptr;
  WARMSTART_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return cuda_stream(stream);
}

/// An event, by default one that keeps no time. Throws `device`.
[[nodiscard]] inline cuda_event make_event(unsigned flags = cudaEventDisableTiming) {
  cudaEvent_t event = nullptr;
  WARMSTART_CUDA_CHECK(cudaEventCreateWithFlags(&event, flags));
  return cuda_event(event);
}

}  // namespace warmstart::detail

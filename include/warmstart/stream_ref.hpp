#pragma once

#include <cstddef>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

struct CUstream_st;  // `cudaStream_t` is a pointer to it

namespace warmstart {

/// A CUDA stream of the caller and its device. Does not own the stream, which must exist until the
/// call that takes the reference has returned.
class WARMSTART_EXPORT stream_ref {
 public:
  /// `stream` is a `cudaStream_t` of device `owner`. Null and `cudaStreamLegacy` are the legacy
  /// default stream of that device.
  ///
  /// Throws `invalid_argument` if `owner` is not a CUDA device, and for `cudaStreamPerThread`: that
  /// handle names a different stream in each thread, and a load queues its commands on a thread of
  /// the library. Code compiled with `--default-stream per-thread` has to pass a stream that it
  /// created.
  stream_ref(const warmstart::device& owner, CUstream_st* stream);
  /// Rejects integers, which are not streams.
  stream_ref(const warmstart::device& owner, int stream) = delete;
  stream_ref(const warmstart::device& owner, std::nullptr_t) = delete;

  /// The legacy default stream of a device.
  [[nodiscard]] static stream_ref legacy(const warmstart::device& owner);

  [[nodiscard]] const warmstart::device& device() const noexcept { return device_; }
  /// Null for the legacy default stream.
  [[nodiscard]] CUstream_st* get() const noexcept { return stream_; }

  friend bool operator==(const stream_ref&, const stream_ref&) = default;

 private:
  warmstart::device device_;
  CUstream_st* stream_;
};

}  // namespace warmstart

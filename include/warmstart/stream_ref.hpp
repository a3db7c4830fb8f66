#pragma once

#include <cstddef>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

struct CUstream_st;  // what a cudaStream_t points to

namespace warmstart {

/// A CUDA stream of the caller's, and the device that it belongs to. Does not own the stream, which
/// must live until the call that takes this has returned.
class WARMSTART_EXPORT stream_ref {
 public:
  /// `stream`: a `cudaStream_t` of `owner`. Null (which is what `0` and `cudaStreamLegacy` mean) is
  /// the legacy default stream of that device.
  ///
  /// Throws `invalid_argument` if `owner` is not a CUDA device, and for `cudaStreamPerThread`: that
  /// handle names another stream in each thread, and a load gives its commands from a thread of its
  /// own. Code compiled with `--default-stream per-thread` has to pass a stream that it created.
  stream_ref(const device& owner, CUstream_st* stream);
  /// An integer is not a stream.
  stream_ref(const device& owner, int stream) = delete;
  stream_ref(const device& owner, std::nullptr_t) = delete;

  /// The legacy default stream of a device.
  [[nodiscard]] static stream_ref legacy(const device& owner);

  [[nodiscard]] const device& owner() const noexcept { return owner_; }
  /// Null for the legacy default stream.
  [[nodiscard]] CUstream_st* get() const noexcept { return stream_; }

  friend bool operator==(const stream_ref&, const stream_ref&) = default;

 private:
  device owner_;
  CUstream_st* stream_;
};

}  // namespace warmstart

#pragma once

#include <cuda_runtime_api.h>

#include "cuda/cuda_check.hpp"

namespace warmstart::detail {

/// While it lives, a device is the calling thread's current one; then the former is again. Ends in
/// the thread that made it.
class device_guard {
 public:
  /// Throws `device` if it can not be used.
  explicit device_guard(int index) {
    WARMSTART_CUDA_CHECK(cudaGetDevice(&former_));
    changed_ = index != former_;
    if (changed_) WARMSTART_CUDA_CHECK(cudaSetDevice(index));
  }
  device_guard(const device_guard&) = delete;
  device_guard& operator=(const device_guard&) = delete;
  ~device_guard() {
    if (changed_) cuda_ignore(cudaSetDevice(former_));
  }

 private:
  int former_ = 0;
  bool changed_ = false;
};

}  // namespace warmstart::detail

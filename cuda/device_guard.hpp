#pragma once

#include <cuda_runtime_api.h>

#include "cuda/cuda_check.hpp"

namespace warmstart::detail {

/// Makes a device current on the calling thread and restores the previous device on destruction,
/// which must happen on the same thread.
class device_guard {
 public:
  /// Throws `device` if the device cannot be used.
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

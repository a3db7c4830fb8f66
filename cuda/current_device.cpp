#include "cuda/current_device.hpp"

#include <cuda_runtime_api.h>

#include "cuda/cuda_check.hpp"

namespace warmstart::detail {
namespace {

// `cudaThreadExchangeStreamCaptureMode` creates a context on the current device, as most calls do,
// so the device must be set first.
void relax_capture_mode() {
  thread_local bool relaxed = false;
  if (relaxed) return;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  cuda_ignore(cudaThreadExchangeStreamCaptureMode(&mode));
  relaxed = true;
}

}  // namespace

void use_device(int index) {
  int current = -1;
  WARMSTART_CUDA_CHECK(cudaGetDevice(&current));
  if (current != index) WARMSTART_CUDA_CHECK(cudaSetDevice(index));
  relax_capture_mode();
}

}  // namespace warmstart::detail

#pragma once

#include <cuda_runtime_api.h>

namespace warmstart {

/// Throws what the failure of a call means, `out_of_memory` or `device`, naming the current device,
/// the call and CUDA's reason. Takes the failure out of `cudaGetLastError`, where the next launch
/// would find it.
[[noreturn]] void throw_cuda_error(cudaError_t result, const char* call);

inline void cuda_check(cudaError_t result, const char* call) {
  if (result != cudaSuccess) [[unlikely]]
    throw_cuda_error(result, call);
}

}  // namespace warmstart

/// Makes a call of the CUDA runtime; throws if it fails.
#define WARMSTART_CUDA_CHECK(call) ::warmstart::cuda_check((call), #call)

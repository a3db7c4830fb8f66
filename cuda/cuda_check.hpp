#pragma once

#include <cuda_runtime_api.h>

#include <string>

namespace warmstart::detail {

/// CUDA's words for a failure, and whether it is the end of the device for this process.
[[nodiscard]] std::string cuda_reason(cudaError_t result);

/// Why a call failed, for people: `CALL: CUDA's words`; where CUDA's words say little of the cause,
/// the cause in front of that.
[[nodiscard]] std::string cuda_call_reason(const char* call, cudaError_t result);

/// Throws what the failure of a call means, `out_of_memory` or `device`, naming the current device,
/// the call and CUDA's reason. Takes the failure out of `cudaGetLastError`, where the next launch
/// would find it.
[[noreturn]] void throw_cuda_error(cudaError_t result, const char* call);

inline void cuda_check(cudaError_t result, const char* call) {
  if (result != cudaSuccess) [[unlikely]]
    throw_cuda_error(result, call);
}

/// For clean-ups, whose failure nobody is told. Takes it out of `cudaGetLastError`, too.
inline void cuda_ignore(cudaError_t result) noexcept {
  if (result != cudaSuccess) [[unlikely]]
    (void)cudaGetLastError();
}

}  // namespace warmstart::detail

/// Makes a call of the CUDA runtime; throws if it fails.
#define WARMSTART_CUDA_CHECK(call) ::warmstart::detail::cuda_check((call), #call)

#pragma once

#include <cuda_runtime_api.h>

#include <string>

namespace warmstart::detail {

/// CUDA's message for an error, and whether the error makes the device unusable for this process.
[[nodiscard]] std::string cuda_reason(cudaError_t result);

/// Why a call failed, as text: `CALL: CUDA's message`. Errors whose CUDA message is unclear are
/// preceded by their cause.
[[nodiscard]] std::string cuda_call_reason(const char* call, cudaError_t result);

/// Throws `out_of_memory` or `device`, with the current device, the call and CUDA's message. Clears
/// `cudaGetLastError`, so that the next launch does not report this error again.
[[noreturn]] void throw_cuda_error(cudaError_t result, const char* call);

inline void cuda_check(cudaError_t result, const char* call) {
  if (result != cudaSuccess) [[unlikely]]
    throw_cuda_error(result, call);
}

/// For destructors: discards the error and clears `cudaGetLastError`.
inline void cuda_ignore(cudaError_t result) noexcept {
  if (result != cudaSuccess) [[unlikely]]
    (void)cudaGetLastError();
}

}  // namespace warmstart::detail

/// Calls the CUDA runtime and throws if the call fails.
#define WARMSTART_CUDA_CHECK(call) ::warmstart::detail::cuda_check((call), #call)

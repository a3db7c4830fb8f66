#include "cuda/cuda_check.hpp"

#include <fmt/format.h>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// The errors after which, by CUDA's reference, all further work fails until the process ends.
bool loses_device(cudaError_t result) {
  switch (result) {
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorContained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorTensorMemoryLeak:
    case cudaErrorMpsClientTerminated:
    case cudaErrorExternalDevice:
      return true;
    default:
      return false;
  }
}

// An explanation of errors whose CUDA message is unclear; empty for others.
std::string cause_of(cudaError_t result) {
  if (result == cudaErrorInsufficientDriver) {
    return fmt::format("no NVIDIA driver is installed, or it is older than CUDA {}.{} needs",
                       CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
  }
  if (result == cudaErrorNoDevice) return "the NVIDIA driver finds no GPU";
  return {};
}

}  // namespace

std::string cuda_reason(cudaError_t result) {
  return fmt::format("{} ({}){}", cudaGetErrorString(result), cudaGetErrorName(result),
                     loses_device(result) ? "; the device is lost to this process" : "");
}

std::string cuda_call_reason(const char* call, cudaError_t result) {
  const std::string detail = fmt::format("{}: {}", call, cuda_reason(result));
  const std::string cause = cause_of(result);
  return cause.empty() ? detail : fmt::format("{} ({})", cause, detail);
}

void throw_cuda_error(cudaError_t result, const char* call) {
  (void)cudaGetLastError();
  int index = 0;
  const bool has_device = cudaGetDevice(&index) == cudaSuccess;
  throw error(result == cudaErrorMemoryAllocation ? error_code::out_of_memory : error_code::device,
              (has_device ? fmt::format("cuda:{}: ", index) : std::string()) +
                  cuda_call_reason(call, result));
}

}  // namespace warmstart::detail

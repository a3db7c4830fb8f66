#include "cuda/cuda_check.hpp"

#include <fmt/format.h>

#include "warmstart/error.hpp"

namespace warmstart {
namespace {

// Those of which CUDA's reference says that all further work fails until the process ends.
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

}  // namespace

std::string cuda_reason(cudaError_t result) {
  return fmt::format("{} ({}){}", cudaGetErrorString(result), cudaGetErrorName(result),
                     loses_device(result) ? "; the device is lost to this process" : "");
}

void throw_cuda_error(cudaError_t result, const char* call) {
  (void)cudaGetLastError();
  int index = 0;
  const bool has_device = cudaGetDevice(&index) == cudaSuccess;
  throw error(result == cudaErrorMemoryAllocation ? error_code::out_of_memory : error_code::device,
              fmt::format("{}{}: {}", has_device ? fmt::format("cuda:{}: ", index) : std::string(),
                          call, cuda_reason(result)));
}

}  // namespace warmstart

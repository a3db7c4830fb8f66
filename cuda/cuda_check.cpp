#include "cuda/cuda_check.hpp"

#include <fmt/format.h>

#include "warmstart/error.hpp"

namespace warmstart {

void throw_cuda_error(cudaError_t result, const char* call) {
  (void)cudaGetLastError();
  int index = 0;
  const bool has_device = cudaGetDevice(&index) == cudaSuccess;
  throw error(
      result == cudaErrorMemoryAllocation ? error_code::out_of_memory : error_code::device,
      fmt::format("{}{}: {} ({})", has_device ? fmt::format("cuda:{}: ", index) : std::string(),
                  call, cudaGetErrorString(result), cudaGetErrorName(result)));
}

}  // namespace warmstart

#include "cuda/cuda_check.hpp"

#include <gtest/gtest.h>

#include <string>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

error caught(cudaError_t result) {
  try {
    cuda_check(result, "cudaMalloc(&data, size_bytes)");
  } catch (const error& failure) {
    return failure;
  }
  return {error_code::invalid_argument, "nothing was thrown"};
}

TEST(cuda_check, success_is_no_error) {
  EXPECT_NO_THROW(WARMSTART_CUDA_CHECK(cudaSuccess));
}

TEST(cuda_check, names_call_and_reason) {
  const error failure = caught(cudaErrorIllegalAddress);
  EXPECT_EQ(failure.code(), error_code::device);
  EXPECT_NE(std::string(failure.what())
                .find("cudaMalloc(&data, size_bytes): an illegal memory access was encountered "
                      "(cudaErrorIllegalAddress)"),
            std::string::npos)
      << failure.what();
}

TEST(cuda_check, explains_a_machine_without_a_driver_or_a_gpu) {
  const std::string no_driver = caught(cudaErrorInsufficientDriver).what();
  EXPECT_NE(no_driver.find("no NVIDIA driver is installed, or it is older than CUDA 13."),
            std::string::npos)
      << no_driver;
  EXPECT_NE(no_driver.find("(cudaErrorInsufficientDriver))"), std::string::npos) << no_driver;
  const std::string no_gpu = caught(cudaErrorNoDevice).what();
  EXPECT_NE(no_gpu.find("the NVIDIA driver finds no GPU ("), std::string::npos) << no_gpu;
}

TEST(cuda_check, distinguishes_lack_of_memory_from_other_failures) {
  EXPECT_EQ(caught(cudaErrorMemoryAllocation).code(), error_code::out_of_memory);
  EXPECT_EQ(caught(cudaErrorInvalidValue).code(), error_code::device);
}

TEST(cuda_check, names_the_device_and_clears_the_last_error) {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) GTEST_SKIP() << "no CUDA device";
  try {
    WARMSTART_CUDA_CHECK(cudaSetDevice(count));
    FAIL() << "there is no such device";
  } catch (const error& failure) {
    EXPECT_EQ(std::string(failure.what()).rfind("cuda:0: cudaSetDevice(count): ", 0), 0U)
        << failure.what();
  }
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
}  // namespace warmstart::detail

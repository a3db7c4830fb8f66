#include "cuda/device_guard.hpp"

#include <gtest/gtest.h>

#include "engine/backend.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

int current_device() {
  int index = -1;
  WARMSTART_CUDA_CHECK(cudaGetDevice(&index));
  return index;
}

TEST(device_guard, restores_the_device_that_was_current) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "needs two CUDA devices";
  {
    const device_guard outer(1);
    EXPECT_EQ(current_device(), 1);
    {
      const device_guard inner(0);
      EXPECT_EQ(current_device(), 0);
      const device_guard same(0);
      EXPECT_EQ(current_device(), 0);
    }
    EXPECT_EQ(current_device(), 1);
  }
  EXPECT_EQ(current_device(), 0);
}

TEST(device_guard, an_absent_device_changes_nothing) {
  if (cuda_device_count() == 0) GTEST_SKIP() << "no CUDA device";
  EXPECT_THROW(const device_guard guard(cuda_device_count()), error);
  EXPECT_EQ(current_device(), 0);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
}  // namespace warmstart::detail

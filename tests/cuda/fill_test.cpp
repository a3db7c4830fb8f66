// The commands of device fills, as the emulator counts them. backend_contract.hpp tests the values.

#include "cuda/fill.hpp"

#include <cudaemu.h>
#include <gtest/gtest.h>

#include <string_view>

#include "cuda/cuda_check.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

struct fill_counters {
  std::uint64_t launches = 0;
  std::uint64_t cleared_bytes = 0;   ///< by cudaMemset
  std::uint64_t store_requests = 0;  ///< of warps
  std::uint64_t stored_bytes = 0;
};

fill_counters fill_of(const initializer& how, std::int64_t elements) {
  engine kept;
  variable_store vars("cuda:0");
  vars.get_variable("v", {elements}, {.type = dtype::float32, .initializer = how});
  cudaemu_reset_stats();
  run_initializers(vars, {.engine = &kept});
  WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());
  cudaemu_stats_t stats{};
  stats.struct_size = sizeof(stats);
  cudaemu_stats(&stats);
  fill_counters made{.launches = stats.launches, .cleared_bytes = stats.memsets.bytes};
  cudaemu_for_each_kernel(
      [](void* to, const char* /*name*/, const cudaemu_kernel_totals* totals) {
        auto& sum = *static_cast<fill_counters*>(to);
        sum.store_requests += totals->device_stores.requests;
        sum.stored_bytes += totals->device_stores.bytes;
      },
      &made);
  return made;
}

class fill_on_cuda : public testing::Test {
 protected:
  static constexpr std::int64_t ELEMENTS = 1 << 16;
  static constexpr std::uint64_t BYTES = 4 * ELEMENTS;

  void SetUp() override {
    if (!cudaemu_present()) GTEST_SKIP() << "the counters are the emulator's";
  }
};

TEST_F(fill_on_cuda, zeros_take_no_kernel) {
  const fill_counters counted = fill_of(zeros(), ELEMENTS);
  EXPECT_EQ(counted.launches, 0U);
  EXPECT_EQ(counted.cleared_bytes, BYTES);
}

TEST_F(fill_on_cuda, constants_are_stored_in_vectors) {
  const fill_counters counted = fill_of(constant(0.1), ELEMENTS);
  EXPECT_EQ(counted.launches, 1U);
  EXPECT_EQ(counted.stored_bytes, BYTES);
  EXPECT_EQ(counted.store_requests, BYTES / (32 * 16));
}

TEST_F(fill_on_cuda, random_elements_are_stored_side_by_side) {
  const fill_counters counted = fill_of(uniform(0, 1, 7), ELEMENTS);
  EXPECT_EQ(counted.launches, 1U);
  EXPECT_EQ(counted.stored_bytes, BYTES);
  EXPECT_EQ(counted.store_requests, BYTES / (32 * 4));
}

}  // namespace
}  // namespace warmstart::detail

// Staging memory: pages of the process that the driver pins, or memory from the driver.

#include <cuda_runtime_api.h>
#include <cudaemu.h>
#include <gtest/gtest.h>

#include "cuda/cuda_check.hpp"
#include "cuda/cuda_model.hpp"
#include "cuda/device_guard.hpp"
#include "cuda/device_memory.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

constexpr std::size_t LARGE = (std::size_t{4} << 20) + 4096;

class pinned_memory : public testing::Test {
 protected:
  void SetUp() override {
    if (cuda_device_count() == 0) GTEST_SKIP() << "no CUDA device";
  }
  void TearDown() override {
    if (cudaemu_present() != 0) cudaemu_clear_faults();
  }

  static cudaMemoryType type_of(const std::byte* data) {
    cudaPointerAttributes attributes{};
    WARMSTART_CUDA_CHECK(cudaPointerGetAttributes(&attributes, data));
    return attributes.type;
  }
};

TEST_F(pinned_memory, is_known_to_every_device_from_its_first_byte_to_its_last) {
  for (const std::size_t size : {std::size_t{1000}, LARGE}) {
    const auto memory = allocate_pinned(size);
    ASSERT_EQ(memory->bytes().size(), size);
    EXPECT_EQ(type_of(memory->bytes().data()), cudaMemoryTypeHost);
    EXPECT_EQ(type_of(&memory->bytes().back()), cudaMemoryTypeHost);
    void* seen_by_kernels = nullptr;
    WARMSTART_CUDA_CHECK(cudaHostGetDevicePointer(&seen_by_kernels, memory->bytes().data(), 0));
    EXPECT_EQ(seen_by_kernels, memory->bytes().data());  // the engine passes its own addresses
  }
}

TEST_F(pinned_memory, comes_from_the_driver_where_own_pages_cannot_be_pinned) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "failures come from the emulator";
  for (const cudaError_t failure : {cudaErrorNotSupported, cudaErrorMemoryAllocation}) {
    const std::uint64_t before = cudaemu_call_count("cudaHostAlloc");
    ASSERT_EQ(cudaemu_fail("cudaHostRegister", 0, failure), 0);
    EXPECT_EQ(allocate_pinned(LARGE)->bytes().size(), LARGE);
    EXPECT_EQ(cudaemu_call_count("cudaHostAlloc"), before + 1);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), 0U);
  }
}

TEST_F(pinned_memory, is_refused_where_there_is_none) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "failures come from the emulator";
  ASSERT_EQ(cudaemu_fail("cudaHostRegister", 0, cudaErrorMemoryAllocation), 0);
  ASSERT_EQ(cudaemu_fail("cudaHostAlloc", 0, cudaErrorMemoryAllocation), 0);
  const error refused = test::error_of([] { return allocate_pinned(LARGE); });
  EXPECT_EQ(refused.code(), error_code::out_of_memory);
  EXPECT_NE(std::string(refused.what()).find("cudaHostAlloc"), std::string::npos) << refused.what();
  EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), 0U);
}

// On some machines the device knows registered memory by an address of its own.
TEST_F(pinned_memory, kernels_read_slots_by_the_address_that_the_device_knows) {
  if (!cudaemu_present()) GTEST_SKIP() << "the emulator makes the addresses differ";
  cudaemu_registered_pointers_differ(1);
  {
    const test::cuda_model model;
    variable_store vars = model.make({"cuda:0"});
    run_initializers(vars, {.budget_bytes = 64 << 20,
                            .chunk_bytes = 1 << 20,
                            .scatter = load_options::scatter_source::mapped,
                            .min_run_bytes = std::int64_t{1} << 40});
    EXPECT_TRUE(verify(vars).complete());
  }
  cudaemu_registered_pointers_differ(0);
}

}  // namespace
}  // namespace warmstart::detail

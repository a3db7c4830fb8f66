// Registered memory that devices know by another address; run with
// CUDAEMU_REGISTERED_POINTERS=differ.
#include "test_module.hpp"
#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

constexpr const char* kPtx = R"(
.version 7.0
.target sm_75
.address_size 64

// *to = *from + 1
.visible .entry successor(.param .u64 successor_0, .param .u64 successor_1)
{
  .reg .b32 %r<3>;
  .reg .b64 %rd<3>;
  ld.param.u64 %rd1, [successor_0];
  ld.param.u64 %rd2, [successor_1];
  ld.global.u32 %r1, [%rd2];
  add.s32 %r2, %r1, 1;
  st.global.u32 [%rd1], %r2;
  ret;
}
)";

char successor;

class RegisteredPointers : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static test_module module(kPtx);
    module.add_kernel(&successor, "successor");
  }
  void SetUp() override {
    ASSERT_CUDA(cudaHostRegister(words_.data(), kBytes, flags_));
    ASSERT_CUDA(cudaHostGetDevicePointer(reinterpret_cast<void**>(&device_), words_.data(), 0));
  }
  void TearDown() override {
    cudaemu_clear_faults();
    EXPECT_CUDA(cudaHostUnregister(words_.data()));
    cudaGetLastError();
  }

  static cudaError_t launch(std::uint32_t* to, const std::uint32_t* from) {
    void* arguments[] = {&to, &from};
    const cudaError_t launched =
        cudaLaunchKernel(&successor, dim3(1), dim3(1), arguments, 0, nullptr);
    return launched != cudaSuccess ? launched : cudaDeviceSynchronize();
  }

  static constexpr std::size_t kBytes = 4000;
  unsigned flags_ = cudaHostRegisterMapped;
  std::vector<std::uint32_t> words_ = std::vector<std::uint32_t>(kBytes / 4, 41);
  std::uint32_t* device_ = nullptr;
};

TEST_F(RegisteredPointers, AreAnnounced) {
  int can = -1;
  ASSERT_CUDA(cudaDeviceGetAttribute(&can, cudaDevAttrCanUseHostPointerForRegisteredMem, 0));
  EXPECT_EQ(can, 0);
  EXPECT_NE(device_, words_.data());
  void* inside = nullptr;
  ASSERT_CUDA(cudaHostGetDevicePointer(&inside, &words_[7], 0));
  EXPECT_EQ(inside, device_ + 7);
}

TEST_F(RegisteredPointers, AreUsedByKernels) {
  EXPECT_CUDA(launch(device_ + 1, device_));
  EXPECT_EQ(words_[1], 42U);
}

TEST_F(RegisteredPointers, OfTheHostFaultInKernels) {
  EXPECT_EQ(launch(device_ + 1, words_.data()), cudaErrorIllegalAddress);
  cudaemu_clear_faults();
  EXPECT_EQ(launch(words_.data() + 1, device_), cudaErrorIllegalAddress);
  EXPECT_EQ(words_[1], 41U);
}

TEST_F(RegisteredPointers, EndWithTheRegistration) {
  ASSERT_CUDA(cudaHostUnregister(words_.data()));
  EXPECT_EQ(launch(device_ + 1, device_), cudaErrorIllegalAddress);
  cudaemu_clear_faults();
  ASSERT_CUDA(cudaHostRegister(words_.data(), kBytes, flags_));
}

TEST_F(RegisteredPointers, BothServeForCopies) {
  on_device memory(kBytes);
  ASSERT_CUDA(cudaMemcpy(memory.get(), words_.data(), kBytes, cudaMemcpyDefault));
  words_[0] = 0;
  ASSERT_CUDA(cudaMemcpy(device_, memory.get(), 4, cudaMemcpyDefault));
  EXPECT_EQ(words_[0], 41U);
}

TEST_F(RegisteredPointers, AreBothInTheAttributes) {
  cudaPointerAttributes attributes{};
  const void* const either[] = {&words_[3], device_ + 3};
  for (const void* each : either) {
    ASSERT_CUDA(cudaPointerGetAttributes(&attributes, each));
    EXPECT_EQ(attributes.type, cudaMemoryTypeHost);
    EXPECT_EQ(attributes.device, 0);
    EXPECT_EQ(attributes.hostPointer, &words_[3]);
    EXPECT_EQ(attributes.devicePointer, device_ + 3);
  }
}

TEST_F(RegisteredPointers, DoNotConcernPinnedMemory) {
  pinned host(100, 0);
  void* device = nullptr;
  ASSERT_CUDA(cudaHostGetDevicePointer(&device, host.get(), 0));
  EXPECT_EQ(device, host.get());
}

TEST_F(RegisteredPointers, CountAsOneObject) {
  EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), 1U);
}

TEST_F(RegisteredPointers, CanBeTurnedOff) {
  cudaemu_registered_pointers_differ(0);
  std::vector<std::uint32_t> other(10, 1);
  ASSERT_CUDA(cudaHostRegister(other.data(), 40, cudaHostRegisterMapped));
  void* device = nullptr;
  EXPECT_CUDA(cudaHostGetDevicePointer(&device, other.data(), 0));
  EXPECT_EQ(device, other.data());
  EXPECT_CUDA(launch(other.data() + 1, other.data()));
  EXPECT_EQ(other[1], 2U);
  ASSERT_CUDA(cudaHostUnregister(other.data()));
  cudaemu_registered_pointers_differ(1);
}

}  // namespace
}  // namespace cudaemu_tests

// Memory that is freed or unregistered while queued operations still need it.
#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

constexpr std::size_t kSize = 10'000;

// Nothing is carried out before something waits for it.
bool stays_queued() {
  return schedule() == "lazy";
}

bool is_default_at_once() {
  return schedule() == "lazy" || schedule().starts_with("random");
}

class UnawaitedFrees : public testing::Test {
 protected:
  void TearDown() override {
    cudaemu_clear_faults();
    cudaemu_free_at_once(is_default_at_once() ? CUDAEMU_UNREGISTER | CUDAEMU_FREE_HOST : 0);
    cudaGetLastError();
  }
};

TEST_F(UnawaitedFrees, OfRegisteredMemoryFailTheCopyByDefault) {
  std::vector<unsigned char> host(kSize, 3);
  on_device memory(kSize);
  stream work;
  ASSERT_CUDA(cudaHostRegister(host.data(), kSize, cudaHostRegisterDefault));
  ASSERT_CUDA(cudaMemcpyAsync(memory.get(), host.data(), kSize, cudaMemcpyHostToDevice, work));
  ASSERT_CUDA(cudaHostUnregister(host.data()));
  const cudaError_t result = cudaStreamSynchronize(work);
  if (stays_queued()) {
    EXPECT_EQ(result, cudaErrorIllegalAddress);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorIllegalAddress) << "for good";
  } else if (!is_default_at_once()) {
    EXPECT_EQ(result, cudaSuccess);
  }
}

TEST_F(UnawaitedFrees, OfPinnedMemoryFailTheCopyByDefault) {
  void* host = nullptr;
  on_device memory(kSize);
  stream work;
  ASSERT_CUDA(cudaHostAlloc(&host, kSize, cudaHostAllocDefault));
  ASSERT_CUDA(cudaMemcpyAsync(host, memory.get(), kSize, cudaMemcpyDeviceToHost, work));
  ASSERT_CUDA(cudaFreeHost(host));
  const cudaError_t result = cudaStreamSynchronize(work);
  if (stays_queued()) {
    EXPECT_EQ(result, cudaErrorIllegalAddress);
  } else if (!is_default_at_once()) {
    EXPECT_EQ(result, cudaSuccess);
  }
}

TEST_F(UnawaitedFrees, ByCudaFreeAreForThoseWhoAsk) {
  pinned host(kSize, 3);
  stream work;
  const auto copy_and_free = [&] {
    void* memory = nullptr;
    EXPECT_CUDA(cudaMalloc(&memory, kSize));
    EXPECT_CUDA(cudaMemcpyAsync(memory, host.get(), kSize, cudaMemcpyHostToDevice, work));
    EXPECT_CUDA(cudaFree(memory));
    return cudaStreamSynchronize(work);
  };
  EXPECT_CUDA(copy_and_free());
  cudaemu_free_at_once(CUDAEMU_FREE_DEVICE);
  const cudaError_t result = copy_and_free();
  if (stays_queued()) {
    EXPECT_EQ(result, cudaErrorIllegalAddress);
  }
}

TEST_F(UnawaitedFrees, AreSafeAfterWaiting) {
  cudaemu_free_at_once(CUDAEMU_UNREGISTER | CUDAEMU_FREE_HOST | CUDAEMU_FREE_DEVICE);
  std::vector<unsigned char> host(kSize, 3);
  ASSERT_CUDA(cudaHostRegister(host.data(), kSize, cudaHostRegisterDefault));
  {
    on_device memory(kSize);
    pinned back(kSize, 0);
    stream work;
    ASSERT_CUDA(cudaMemcpyAsync(memory.get(), host.data(), kSize, cudaMemcpyHostToDevice, work));
    ASSERT_CUDA(cudaMemcpyAsync(back.get(), memory.get(), kSize, cudaMemcpyDeviceToHost, work));
    ASSERT_CUDA(cudaStreamSynchronize(work));
    EXPECT_TRUE(back.all(3));
  }
  ASSERT_CUDA(cudaHostUnregister(host.data()));
  EXPECT_CUDA(cudaDeviceSynchronize());
}

TEST_F(UnawaitedFrees, WaitIfTold) {
  cudaemu_free_at_once(0);
  std::vector<unsigned char> host(kSize, 3);
  on_device memory(kSize);
  stream work;
  ASSERT_CUDA(cudaHostRegister(host.data(), kSize, cudaHostRegisterDefault));
  ASSERT_CUDA(cudaMemcpyAsync(memory.get(), host.data(), kSize, cudaMemcpyHostToDevice, work));
  ASSERT_CUDA(cudaHostUnregister(host.data()));
  EXPECT_CUDA(cudaStreamSynchronize(work));
  EXPECT_EQ(read_back(memory.get(), kSize)[kSize - 1], 3);
}

// Whether or not the copy still gets its bytes, the emulator must survive it.
TEST_F(UnawaitedFrees, DoNotPullMemoryFromUnderARunningCopy) {
  cudaemu_free_at_once(CUDAEMU_FREE_HOST);
  constexpr std::size_t kLarge = 8 << 20;
  on_device memory(kLarge);
  stream work;
  for (int i = 0; i < 20; ++i) {
    void* host = nullptr;
    ASSERT_CUDA(cudaHostAlloc(&host, kLarge, cudaHostAllocDefault));
    ASSERT_CUDA(cudaMemcpyAsync(memory.get(), host, kLarge, cudaMemcpyHostToDevice, work));
    cudaFreeHost(host);  // may already say that the copy has failed
    cudaStreamSynchronize(work);
    cudaemu_clear_faults();
  }
}

}  // namespace
}  // namespace cudaemu_tests

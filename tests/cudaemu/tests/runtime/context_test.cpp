// Primary contexts: which calls create them, where, and what they cost. Run with CUDAEMU_DEVICES=3
// and CUDAEMU_CONTEXT_BYTES=1M.
#include <unistd.h>

#include <functional>
#include <thread>

#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

constexpr std::size_t kContextBytes = 1 << 20;

class Contexts : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_CUDA(cudaSetDevice(0));
    cudaemu_forget_contexts();
  }
  void TearDown() override { ASSERT_CUDA(cudaSetDevice(0)); }
};

// In a new thread, whose current device is 0.
void in_new_thread(const std::function<void()>& work) {
  std::thread(work).join();
}

TEST_F(Contexts, AreNotCreatedByQuestions) {
  in_new_thread([] {
    int number = 0;
    EXPECT_CUDA(cudaGetDeviceCount(&number));
    EXPECT_CUDA(cudaGetDevice(&number));
    EXPECT_CUDA(cudaDeviceGetAttribute(&number, cudaDevAttrWarpSize, 0));
    cudaDeviceProp properties{};
    EXPECT_CUDA(cudaGetDeviceProperties(&properties, 1));
    EXPECT_CUDA(cudaDeviceCanAccessPeer(&number, 0, 1));
    EXPECT_CUDA(cudaDeviceGetP2PAttribute(&number, cudaDevP2PAttrAccessSupported, 0, 1));
    EXPECT_CUDA(cudaDriverGetVersion(&number));
    EXPECT_CUDA(cudaRuntimeGetVersion(&number));
    EXPECT_CUDA(cudaGetLastError());
    cudaMemPool_t pool = nullptr;
    EXPECT_CUDA(cudaDeviceGetDefaultMemPool(&pool, 2));
    std::uint64_t threshold = 0;
    EXPECT_CUDA(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
  });
  EXPECT_EQ(cudaemu_context_count(), 0);
}

TEST_F(Contexts, AreCreatedByCallsThatUseTheCurrentDevice) {
  const std::function<void()> calls[] = {
      [] { EXPECT_CUDA(cudaFree(nullptr)); },
      [] { on_device memory(1); },
      [] { pinned memory(1, 0); },
      [] { stream made; },
      [] { event made; },
      [] {
        std::size_t free_bytes = 0;
        std::size_t total_bytes = 0;
        EXPECT_CUDA(cudaMemGetInfo(&free_bytes, &total_bytes));
      },
      [] { EXPECT_CUDA(cudaDeviceSynchronize()); },
      [] {
        cudaPointerAttributes attributes{};
        EXPECT_CUDA(cudaPointerGetAttributes(&attributes, &attributes));
      },
      [] {
        int memory = 0;
        EXPECT_CUDA(cudaHostRegister(&memory, sizeof memory, cudaHostRegisterDefault));
        EXPECT_CUDA(cudaHostUnregister(&memory));
      },
      [] {
        cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
        EXPECT_CUDA(cudaThreadExchangeStreamCaptureMode(&mode));
      },
  };
  for (const auto& each : calls) {
    cudaemu_forget_contexts();
    in_new_thread(each);
    EXPECT_EQ(cudaemu_has_context(0), 1) << &each - calls;
    EXPECT_EQ(cudaemu_context_count(), 1) << &each - calls;
  }
}

TEST_F(Contexts, AreCreatedBySetDeviceAtOnce) {
  in_new_thread([] { EXPECT_CUDA(cudaSetDevice(2)); });
  EXPECT_EQ(cudaemu_has_context(2), 1);
  EXPECT_EQ(cudaemu_context_count(), 1);
  in_new_thread([] { EXPECT_CUDA(cudaInitDevice(1, 0, 0)); });
  EXPECT_EQ(cudaemu_has_context(1), 1);
  EXPECT_EQ(cudaemu_context_count(), 2);
}

TEST_F(Contexts, AreCreatedOnAPeerToo) {
  ASSERT_CUDA(cudaSetDevice(1));
  cudaemu_forget_contexts();
  EXPECT_CUDA(cudaDeviceEnablePeerAccess(2, 0));
  EXPECT_EQ(cudaemu_has_context(0), 0);
  EXPECT_EQ(cudaemu_has_context(1), 1);
  EXPECT_EQ(cudaemu_has_context(2), 1);
  EXPECT_CUDA(cudaDeviceDisablePeerAccess(2));
}

TEST_F(Contexts, RememberWhoCreatedThem) {
  cudaemu_context_info before{};
  ASSERT_EQ(cudaemu_context(1, &before), 0);
  EXPECT_EQ(before.exists, 0);
  std::uint64_t thread = 0;
  in_new_thread([&] {
    thread = static_cast<std::uint64_t>(gettid());
    EXPECT_CUDA(cudaSetDevice(1));
    on_device memory(1);
  });
  cudaemu_context_info info{};
  ASSERT_EQ(cudaemu_context(1, &info), 0);
  EXPECT_EQ(info.exists, 1);
  EXPECT_STREQ(info.created_by, "cudaSetDevice");
  EXPECT_EQ(info.thread, thread);
  EXPECT_EQ(info.times_created, before.times_created + 1);
  EXPECT_EQ(cudaemu_context(3, &info), 1);
  EXPECT_EQ(cudaemu_context(-1, &info), 1);
  EXPECT_EQ(cudaemu_context(0, nullptr), 1);
  EXPECT_EQ(cudaemu_has_context(3), 0);
}

TEST_F(Contexts, CostMemory) {
  ASSERT_CUDA(cudaSetDevice(1));
  std::size_t with = 0;
  std::size_t total = 0;
  ASSERT_CUDA(cudaMemGetInfo(&with, &total));
  EXPECT_EQ(with, total - kContextBytes);
  ASSERT_CUDA(cudaDeviceReset());
  EXPECT_EQ(cudaemu_has_context(1), 0);
  ASSERT_CUDA(cudaMemGetInfo(&with, &total));
  EXPECT_EQ(with, total - kContextBytes) << "asking creates it again";
  ASSERT_CUDA(cudaSetDevice(0));
}

TEST_F(Contexts, AreRefusedWithoutMemoryForThem) {
  // Memory of device 1, got without its context: from its pool, in a stream of device 0.
  cudaMemPool_t pool = nullptr;
  ASSERT_CUDA(cudaDeviceGetDefaultMemPool(&pool, 1));
  stream work;
  void* nearly_all = nullptr;
  ASSERT_CUDA(cudaMallocFromPoolAsync(&nearly_all, 64 * kContextBytes - 512, pool, work));
  EXPECT_EQ(cudaemu_has_context(1), 0);
  EXPECT_EQ(cudaSetDevice(1), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaemu_has_context(1), 0);
  int device = -1;
  ASSERT_CUDA(cudaGetDevice(&device));
  EXPECT_EQ(device, 0);
  ASSERT_CUDA(cudaFreeAsync(nearly_all, work));
  ASSERT_CUDA(cudaStreamSynchronize(work));
  EXPECT_CUDA(cudaSetDevice(1));
  cudaGetLastError();
}

TEST_F(Contexts, AreSeenByTheDriverInterface) {
  int (*state)(int, unsigned*, int*) = nullptr;
  cudaDriverEntryPointQueryResult found{};
  ASSERT_CUDA(cudaGetDriverEntryPointByVersion("cuDevicePrimaryCtxGetState",
                                               reinterpret_cast<void**>(&state), 12000,
                                               cudaEnableDefault, &found));
  ASSERT_EQ(found, cudaDriverEntryPointSuccess);
  unsigned flags = 0;
  int active = -1;
  ASSERT_EQ(state(2, &flags, &active), 0);
  EXPECT_EQ(active, 0);
  in_new_thread([] { EXPECT_CUDA(cudaSetDevice(2)); });
  ASSERT_EQ(state(2, &flags, &active), 0);
  EXPECT_EQ(active, 1);
  EXPECT_NE(state(3, &flags, &active), 0);
  void* other = nullptr;
  EXPECT_EQ(
      cudaGetDriverEntryPointByVersion("cuMemAlloc", &other, 12000, cudaEnableDefault, &found),
      cudaErrorNotSupported);
  cudaGetLastError();
}

}  // namespace
}  // namespace cudaemu_tests

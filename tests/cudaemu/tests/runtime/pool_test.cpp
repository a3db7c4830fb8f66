// Memory pools; run with CUDAEMU_DEVICES=2.
#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

constexpr std::size_t kSize = 1000;

class pool {
 public:
  explicit pool(int device = 0, std::size_t size_limit = 0) {
    cudaMemPoolProps wish{};
    wish.allocType = cudaMemAllocationTypePinned;
    wish.location = {cudaMemLocationTypeDevice, {device}};
    wish.maxSize = size_limit;
    EXPECT_CUDA(cudaMemPoolCreate(&handle_, &wish));
  }
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() { EXPECT_CUDA(cudaMemPoolDestroy(handle_)); }
  // NOLINTNEXTLINE(google-explicit-constructor): to be used like the handle
  operator cudaMemPool_t() const { return handle_; }

 private:
  cudaMemPool_t handle_ = nullptr;
};

class Pools : public testing::Test {
 protected:
  void TearDown() override {
    cudaemu_clear_faults();
    cudaGetLastError();
  }

  static std::uint64_t number(cudaMemPool_t from, cudaMemPoolAttr which) {
    std::uint64_t result = 99;
    EXPECT_CUDA(cudaMemPoolGetAttribute(from, which, &result));
    return result;
  }
  static cudaMemAccessFlags access(cudaMemPool_t to, int device) {
    cudaMemAccessFlags flags{};
    cudaMemLocation where{cudaMemLocationTypeDevice, {device}};
    EXPECT_CUDA(cudaMemPoolGetAccess(&flags, to, &where));
    return flags;
  }
  static cudaError_t set_access(cudaMemPool_t to, int device, cudaMemAccessFlags flags) {
    cudaMemAccessDesc wish{};
    wish.location = {cudaMemLocationTypeDevice, {device}};
    wish.flags = flags;
    return cudaMemPoolSetAccess(to, &wish, 1);
  }

  stream work_;
};

TEST_F(Pools, CountWhatIsTakenFromThem) {
  pool own;
  void* memory = nullptr;
  ASSERT_CUDA(cudaMallocFromPoolAsync(&memory, kSize, own, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(number(own, cudaMemPoolAttrUsedMemCurrent), kSize);
  ASSERT_CUDA(cudaMemsetAsync(memory, 3, kSize, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(read_back(memory, kSize)[0], 3);
  ASSERT_CUDA(cudaFreeAsync(memory, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(number(own, cudaMemPoolAttrUsedMemCurrent), 0U);
  EXPECT_EQ(number(own, cudaMemPoolAttrUsedMemHigh), kSize);
}

TEST_F(Pools, RememberTheirThreshold) {
  pool own;
  EXPECT_EQ(number(own, cudaMemPoolAttrReleaseThreshold), 0U);
  std::uint64_t threshold = UINT64_MAX;
  ASSERT_CUDA(cudaMemPoolSetAttribute(own, cudaMemPoolAttrReleaseThreshold, &threshold));
  EXPECT_EQ(number(own, cudaMemPoolAttrReleaseThreshold), UINT64_MAX);
  EXPECT_CUDA(cudaMemPoolTrimTo(own, 0));
}

TEST_F(Pools, MayBeLimited) {
  pool own(0, 1500);
  void* first = nullptr;
  void* second = nullptr;
  ASSERT_CUDA(cudaMallocFromPoolAsync(&first, kSize, own, work_));
  EXPECT_EQ(cudaMallocFromPoolAsync(&second, kSize, own, work_), cudaErrorMemoryAllocation);
  ASSERT_CUDA(cudaFreeAsync(first, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  ASSERT_CUDA(cudaMallocFromPoolAsync(&second, kSize, own, work_));
  ASSERT_CUDA(cudaFreeAsync(second, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
}

// The mistake: a stream uses memory after it has freed it. Commands that name it are refused; those
// in another stream, queued before, find it gone unless they were ordered.
TEST_F(Pools, MemoryIsGoneBehindItsFree) {
  pool own;
  stream other;
  void* memory = nullptr;
  ASSERT_CUDA(cudaMallocFromPoolAsync(&memory, kSize, own, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  ASSERT_CUDA(cudaMemsetAsync(memory, 1, kSize, other));  // nothing makes the free wait for it
  ASSERT_CUDA(cudaFreeAsync(memory, work_));
  EXPECT_EQ(cudaMemsetAsync(memory, 1, kSize, work_), cudaErrorInvalidValue);
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(cudaMemsetAsync(memory, 1, kSize, work_), cudaErrorInvalidValue);
  const cudaError_t result = cudaStreamSynchronize(other);
  if (schedule() == "lazy") {
    EXPECT_EQ(result, cudaErrorIllegalAddress);
  }
}

TEST_F(Pools, OutliveTheirHandles) {
  void* memory = nullptr;
  cudaMemPool_t stale = nullptr;
  {
    pool brief;
    stale = brief;
    ASSERT_CUDA(cudaMallocFromPoolAsync(&memory, kSize, brief, work_));
  }
  ASSERT_CUDA(cudaMemsetAsync(memory, 3, kSize, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(read_back(memory, kSize)[0], 3);
  ASSERT_CUDA(cudaFreeAsync(memory, work_));
  ASSERT_CUDA(cudaStreamSynchronize(work_));
  EXPECT_EQ(cudaMemPoolDestroy(stale), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMallocFromPoolAsync(&memory, kSize, stale, work_), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMallocFromPoolAsync(&memory, kSize, nullptr, work_), cudaErrorInvalidValue);
  std::uint64_t used = 0;
  EXPECT_EQ(cudaMemPoolGetAttribute(stale, cudaMemPoolAttrUsedMemCurrent, &used),
            cudaErrorInvalidValue);
}

TEST_F(Pools, OfOnesOwnLeaveTheDefaultAlone) {
  cudaMemPool_t shared = nullptr;
  ASSERT_CUDA(cudaDeviceGetDefaultMemPool(&shared, 0));
  const std::uint64_t before = cudaemu_default_pool_access_changes(0);
  pool own;
  EXPECT_EQ(access(own, 0), cudaMemAccessFlagsProtReadWrite);
  EXPECT_EQ(access(own, 1), cudaMemAccessFlagsProtNone);
  EXPECT_CUDA(set_access(own, 1, cudaMemAccessFlagsProtReadWrite));
  EXPECT_EQ(access(own, 1), cudaMemAccessFlagsProtReadWrite);
  EXPECT_EQ(access(shared, 1), cudaMemAccessFlagsProtNone);
  EXPECT_EQ(cudaemu_default_pool_access_changes(0), before);

  EXPECT_CUDA(set_access(shared, 1, cudaMemAccessFlagsProtReadWrite));
  EXPECT_CUDA(set_access(shared, 1, cudaMemAccessFlagsProtNone));
  EXPECT_EQ(access(shared, 1), cudaMemAccessFlagsProtNone);
  EXPECT_EQ(cudaemu_default_pool_access_changes(0), before + 2) << "though all is as it was";
  EXPECT_EQ(cudaemu_default_pool_access_changes(7), 0U);
}

TEST_F(Pools, BecomeCurrentUntilTheyAreDestroyed) {
  cudaMemPool_t shared = nullptr;
  cudaMemPool_t current = nullptr;
  ASSERT_CUDA(cudaDeviceGetDefaultMemPool(&shared, 1));
  {
    pool own(1);
    ASSERT_CUDA(cudaDeviceSetMemPool(1, own));
    ASSERT_CUDA(cudaDeviceGetMemPool(&current, 1));
    EXPECT_EQ(current, own);
    EXPECT_EQ(cudaDeviceSetMemPool(0, own), cudaErrorInvalidValue);
  }
  ASSERT_CUDA(cudaDeviceGetMemPool(&current, 1));
  EXPECT_EQ(current, shared);
  EXPECT_EQ(cudaMemPoolDestroy(shared), cudaErrorInvalidValue);
}

TEST_F(Pools, AreObjectsToGiveBack) {
  const std::size_t before = cudaemu_leak_report(nullptr, nullptr);
  pool own;
  EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), before + 1);
}

}  // namespace
}  // namespace cudaemu_tests

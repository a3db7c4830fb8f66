// Links of different speeds, by the time that they should take and by the least that they may; run
// with CUDAEMU_DEVICES=3 CUDAEMU_PEERS=0-1,0-2 CUDAEMU_H2D_GBPS=1,2,0 CUDAEMU_D2H_GBPS=0.5
// CUDAEMU_D2D_GBPS=4,4,1 CUDAEMU_PEER_GBPS=0-1:2,0to2:0.25,default:3 CUDAEMU_HOST_GBPS=8
#include <chrono>
#include <tuple>
#include <utility>

#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

constexpr std::size_t kSize = 4'000'000;

double milliseconds(std::size_t bytes, double gigabytes_per_second) {
  return static_cast<double>(bytes) / gigabytes_per_second / 1e6;
}

class Speeds : public testing::Test {
 protected:
  void SetUp() override { cudaemu_reset_stats(); }
  void TearDown() override { ASSERT_CUDA(cudaSetDevice(0)); }

  static double busy(int from, int to) {
    cudaemu_link_totals totals{};
    EXPECT_EQ(cudaemu_link_stats(from, to, &totals), 0);
    return totals.busy_seconds * 1e3;
  }
  // The milliseconds from the call to the end of the copy.
  static double copy(void* to, const void* from, std::size_t bytes = kSize) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_CUDA(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, nullptr));
    EXPECT_CUDA(cudaStreamSynchronize(nullptr));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    return took.count();
  }
  static void expect_way(int from, int to, double gigabytes_per_second) {
    EXPECT_NEAR(busy(from, to), milliseconds(kSize, gigabytes_per_second), 1e-6);
  }
};

TEST_F(Speeds, OfDevicesDiffer) {
  pinned host(kSize, 1);
  for (const auto& [device, down] : {std::pair(0, 1.0), std::pair(1, 2.0)}) {
    ASSERT_CUDA(cudaSetDevice(device));
    on_device memory(kSize);
    EXPECT_GE(copy(memory.get(), host.get()), milliseconds(kSize, down));
    expect_way(CUDAEMU_HOST, device, down);
    EXPECT_GE(copy(host.get(), memory.get()), milliseconds(kSize, 0.5));
    expect_way(device, CUDAEMU_HOST, 0.5);
  }
  EXPECT_NEAR(busy(CUDAEMU_HOST, CUDAEMU_HOST), milliseconds(4 * kSize, 8), 1e-6);
  ASSERT_CUDA(cudaSetDevice(2));
  on_device memory(kSize);
  copy(memory.get(), host.get());
  EXPECT_EQ(link_bytes(CUDAEMU_HOST, 2), kSize);
  EXPECT_EQ(busy(CUDAEMU_HOST, 2), 0) << "it has no limit";
}

TEST_F(Speeds, InsideADevice) {
  ASSERT_CUDA(cudaSetDevice(2));
  on_device from(kSize);
  on_device to(kSize);
  EXPECT_GE(copy(to.get(), from.get()), milliseconds(kSize, 1));
  expect_way(2, 2, 1);
  EXPECT_EQ(link_bytes(CUDAEMU_HOST, CUDAEMU_HOST), 0U);
}

TEST_F(Speeds, OfPeersArePerWay) {
  on_device memory_0(kSize);
  for (const auto& [peer, there, back] : {std::tuple(1, 2.0, 2.0), std::tuple(2, 0.25, 3.0)}) {
    ASSERT_CUDA(cudaSetDevice(peer));
    on_device memory(kSize);
    ASSERT_CUDA(cudaSetDevice(0));
    ASSERT_CUDA(cudaDeviceEnablePeerAccess(peer, 0));
    EXPECT_GE(copy(memory.get(), memory_0.get()), milliseconds(kSize, there));
    expect_way(0, peer, there);
    EXPECT_GE(copy(memory_0.get(), memory.get()), milliseconds(kSize, back));
    expect_way(peer, 0, back);
    ASSERT_CUDA(cudaDeviceDisablePeerAccess(peer));
  }
  EXPECT_EQ(link_bytes(CUDAEMU_HOST, CUDAEMU_HOST), 0U);
}

TEST_F(Speeds, OfStagedCopiesAreThoseOfTheHostLinks) {
  ASSERT_CUDA(cudaSetDevice(1));
  on_device memory_1(kSize);
  ASSERT_CUDA(cudaSetDevice(2));
  on_device memory_2(kSize);
  EXPECT_GE(copy(memory_1.get(), memory_2.get()), milliseconds(kSize, 0.5));
  expect_way(2, CUDAEMU_HOST, 0.5);
  expect_way(CUDAEMU_HOST, 1, 2);
  EXPECT_NEAR(busy(CUDAEMU_HOST, CUDAEMU_HOST), milliseconds(2 * kSize, 8), 1e-6);
  EXPECT_EQ(link_bytes(2, 1), 0U);
}

TEST_F(Speeds, OfRowsAreThoseOfTheirBytes) {
  constexpr std::size_t kRows = 100;
  pinned host(kSize, 1);
  on_device memory(2 * kSize);
  const auto start = std::chrono::steady_clock::now();
  ASSERT_CUDA(cudaMemcpy2D(memory.get(), 2 * kSize / kRows, host.get(), kSize / kRows,
                           kSize / kRows, kRows, cudaMemcpyHostToDevice));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took.count(), milliseconds(kSize, 1));
  expect_way(CUDAEMU_HOST, 0, 1);
}

TEST_F(Speeds, OfFillsOfHostMemoryCount) {
  pinned host(kSize, 1);
  ASSERT_CUDA(cudaMemset(host.get(), 5, kSize));
  ASSERT_CUDA(cudaDeviceSynchronize());
  EXPECT_TRUE(host.all(5));
  expect_way(0, CUDAEMU_HOST, 0.5);
  on_device memory(kSize);
  ASSERT_CUDA(cudaMemset(memory.get(), 5, kSize));
  ASSERT_CUDA(cudaDeviceSynchronize());
  EXPECT_EQ(link_bytes(0, 0), 0U);
}

TEST_F(Speeds, CanBeSetByTheTest) {
  pinned host(kSize, 1);
  on_device memory(kSize);
  ASSERT_EQ(cudaemu_set_link(CUDAEMU_HOST, 0, 0.02), 0);
  EXPECT_GE(copy(memory.get(), host.get(), kSize / 10), milliseconds(kSize / 10, 0.02));
  EXPECT_NEAR(busy(CUDAEMU_HOST, 0), milliseconds(kSize / 10, 0.02), 1e-6);
  ASSERT_EQ(cudaemu_set_link(CUDAEMU_HOST, 0, 1), 0);
  cudaemu_reset_stats();
  copy(memory.get(), host.get());
  expect_way(CUDAEMU_HOST, 0, 1);
  EXPECT_EQ(cudaemu_set_link(0, 3, 1), 1);
  EXPECT_EQ(cudaemu_set_link(-2, 0, 1), 1);
  EXPECT_EQ(cudaemu_set_link(0, 1, -1), 1);
  EXPECT_EQ(cudaemu_set_link(0, 1, 1e-9), 1);
  EXPECT_EQ(cudaemu_link_stats(0, 3, nullptr), 1);
}

}  // namespace
}  // namespace cudaemu_tests

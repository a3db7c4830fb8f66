// Devices that cannot all reach each other; run with CUDAEMU_DEVICES=4 and CUDAEMU_PEERS=0-1,2to0.
#include <utility>

#include "test_support.hpp"

namespace cudaemu_tests {
namespace {

int can_access(int device, int peer) {
  int can = -1;
  EXPECT_CUDA(cudaDeviceCanAccessPeer(&can, device, peer));
  int attribute = -1;
  if (device != peer) {
    EXPECT_CUDA(cudaDeviceGetP2PAttribute(&attribute, cudaDevP2PAttrAccessSupported, device, peer));
    EXPECT_EQ(attribute, can);
  }
  return can;
}

TEST(Peers, AreThoseOfTheEnvironment) {
  for (int device = 0; device < 4; ++device) {
    for (int peer = 0; peer < 4; ++peer) {
      const std::pair way(device, peer);
      const bool named = way == std::pair(0, 1) || way == std::pair(1, 0) || way == std::pair(2, 0);
      EXPECT_EQ(can_access(device, peer), named ? 1 : 0) << device << " " << peer;
    }
  }
}

TEST(Peers, CannotBeEnabledAgainstTheMachine) {
  EXPECT_EQ(cudaDeviceEnablePeerAccess(2, 0), cudaErrorPeerAccessUnsupported);
  EXPECT_CUDA(cudaDeviceEnablePeerAccess(1, 0));
  EXPECT_CUDA(cudaDeviceDisablePeerAccess(1));
  ASSERT_CUDA(cudaSetDevice(2));
  EXPECT_CUDA(cudaDeviceEnablePeerAccess(0, 0));
  EXPECT_CUDA(cudaDeviceDisablePeerAccess(0));
  ASSERT_CUDA(cudaSetDevice(0));
  cudaGetLastError();
}

TEST(Peers, OfPoolsAreBoundToo) {
  cudaMemPool_t pool = nullptr;
  ASSERT_CUDA(cudaDeviceGetDefaultMemPool(&pool, 0));
  cudaMemAccessDesc wish{};
  wish.location = {cudaMemLocationTypeDevice, {2}};
  wish.flags = cudaMemAccessFlagsProtReadWrite;
  EXPECT_CUDA(cudaMemPoolSetAccess(pool, &wish, 1));
  wish.location.id = 3;
  EXPECT_EQ(cudaMemPoolSetAccess(pool, &wish, 1), cudaErrorInvalidDevice);
  wish.location.id = 0;
  EXPECT_CUDA(cudaMemPoolSetAccess(pool, &wish, 1));
  wish.location.id = 2;
  wish.flags = cudaMemAccessFlagsProtNone;
  EXPECT_CUDA(cudaMemPoolSetAccess(pool, &wish, 1));
  cudaGetLastError();
}

TEST(Peers, CanBeSetByTheTest) {
  EXPECT_EQ(cudaemu_set_peer_access(0, 3, 1), 0);
  EXPECT_EQ(can_access(0, 3), 1);
  EXPECT_EQ(can_access(3, 0), 0);
  ASSERT_CUDA(cudaDeviceEnablePeerAccess(3, 0));
  EXPECT_EQ(cudaemu_set_peer_access(0, 3, 0), 1) << "it is enabled";
  ASSERT_CUDA(cudaDeviceDisablePeerAccess(3));
  EXPECT_EQ(cudaemu_set_peer_access(0, 3, 0), 0);
  EXPECT_EQ(can_access(0, 3), 0);
  EXPECT_EQ(cudaemu_set_peer_access(0, 0, 1), 1);
  EXPECT_EQ(cudaemu_set_peer_access(0, 4, 1), 1);
  EXPECT_EQ(cudaemu_set_peer_access(CUDAEMU_HOST, 0, 1), 1);
}

TEST(Peers, MayBeTooMany) {
  ASSERT_EQ(cudaemu_set_peer_access(0, 3, 1), 0);
  cudaemu_limit_peers(1);
  EXPECT_CUDA(cudaDeviceEnablePeerAccess(1, 0));
  EXPECT_EQ(cudaDeviceEnablePeerAccess(3, 0), cudaErrorTooManyPeers);
  EXPECT_EQ(cudaDeviceEnablePeerAccess(1, 0), cudaErrorPeerAccessAlreadyEnabled);
  EXPECT_CUDA(cudaDeviceDisablePeerAccess(1));
  EXPECT_CUDA(cudaDeviceEnablePeerAccess(3, 0)) << "there is room again";
  EXPECT_CUDA(cudaDeviceDisablePeerAccess(3));
  cudaemu_limit_peers(64);
  ASSERT_EQ(cudaemu_set_peer_access(0, 3, 0), 0);
  cudaGetLastError();
}

int rank(int device, int peer) {
  int result = -1;
  EXPECT_CUDA(cudaDeviceGetP2PAttribute(&result, cudaDevP2PAttrPerformanceRank, device, peer));
  return result;
}

TEST(Peers, AreRankedBySpeed) {
  EXPECT_EQ(rank(0, 1), 0);
  ASSERT_EQ(cudaemu_set_link(0, 1, 10), 0);
  ASSERT_EQ(cudaemu_set_link(1, 0, 20), 0);
  EXPECT_EQ(rank(0, 2), 0) << "no limit";
  EXPECT_EQ(rank(1, 0), 1);
  EXPECT_EQ(rank(0, 1), 2);
  ASSERT_EQ(cudaemu_set_link(0, 1, 0), 0);
  ASSERT_EQ(cudaemu_set_link(1, 0, 0), 0);
}

TEST(Peers, SeeEachOthersPointersOnceEnabled) {
  on_device memory(100);
  cudaPointerAttributes attributes{};
  ASSERT_CUDA(cudaSetDevice(1));
  ASSERT_CUDA(cudaPointerGetAttributes(&attributes, memory.get()));
  EXPECT_EQ(attributes.type, cudaMemoryTypeDevice);
  EXPECT_EQ(attributes.device, 0);
  EXPECT_EQ(attributes.devicePointer, nullptr);
  EXPECT_EQ(attributes.hostPointer, nullptr);
  ASSERT_CUDA(cudaDeviceEnablePeerAccess(0, 0));
  ASSERT_CUDA(cudaPointerGetAttributes(&attributes, memory.get()));
  EXPECT_EQ(attributes.devicePointer, memory.get());
  ASSERT_CUDA(cudaDeviceDisablePeerAccess(0));
  ASSERT_CUDA(cudaSetDevice(0));
}

// The bytes that a copy from device 0 to another one leaves on the way between these places.
struct ways {
  std::uint64_t direct, up, down, host;
};

ways of_a_copy(int to, std::size_t bytes) {
  on_device here(bytes);
  EXPECT_CUDA(cudaMemset(here.get(), 8, bytes));
  EXPECT_CUDA(cudaDeviceSynchronize());
  EXPECT_CUDA(cudaSetDevice(to));
  on_device there(bytes);
  EXPECT_CUDA(cudaSetDevice(0));
  cudaemu_reset_stats();
  EXPECT_CUDA(cudaMemcpyPeer(there.get(), to, here.get(), 0, bytes));
  EXPECT_CUDA(cudaDeviceSynchronize());
  const ways result{link_bytes(0, to), link_bytes(0, CUDAEMU_HOST), link_bytes(CUDAEMU_HOST, to),
                    link_bytes(CUDAEMU_HOST, CUDAEMU_HOST)};
  EXPECT_EQ(read_back(there.get(), bytes)[bytes - 1], 8);
  return result;
}

void expect_staged(const ways& taken, std::size_t bytes) {
  EXPECT_EQ(taken.direct, 0U);
  EXPECT_EQ(taken.up, bytes);
  EXPECT_EQ(taken.down, bytes);
  EXPECT_EQ(taken.host, 2 * bytes);
}

void expect_direct(const ways& taken, std::size_t bytes) {
  EXPECT_EQ(taken.direct, bytes);
  EXPECT_EQ(taken.up + taken.down + taken.host, 0U);
}

TEST(Peers, CopyThroughTheHostUntilAccessIsEnabled) {
  expect_staged(of_a_copy(1, 1000), 1000);
  expect_staged(of_a_copy(3, 1000), 1000);
  ASSERT_CUDA(cudaDeviceEnablePeerAccess(1, 0));
  expect_direct(of_a_copy(1, 1'000'000), 1'000'000);
  ASSERT_CUDA(cudaDeviceDisablePeerAccess(1));
  expect_staged(of_a_copy(1, 1000), 1000);
}

TEST(Peers, CopyDirectlyIfEitherHasAccess) {
  ASSERT_CUDA(cudaSetDevice(2));
  ASSERT_CUDA(cudaDeviceEnablePeerAccess(0, 0));
  ASSERT_CUDA(cudaSetDevice(0));
  expect_direct(of_a_copy(2, 1000), 1000);
  ASSERT_CUDA(cudaSetDevice(2));
  ASSERT_CUDA(cudaDeviceDisablePeerAccess(0));
  ASSERT_CUDA(cudaSetDevice(0));
}

}  // namespace
}  // namespace cudaemu_tests

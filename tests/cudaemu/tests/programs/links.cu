// What kernels read and write elsewhere passes the links, and takes its time. Run with
// CUDAEMU_DEVICES=2 CUDAEMU_H2D_GBPS=0.1 CUDAEMU_D2H_GBPS=0.05 CUDAEMU_PEER_GBPS=0to1:0.2
#include <cudaemu.h>

#include <chrono>
#include <cmath>

#include "check.hpp"

namespace {

constexpr int kThreads = 256;
constexpr int kBlocks = 64;
constexpr int kCount = kThreads * kBlocks;
constexpr std::size_t kBytes = kCount * sizeof(int);

__global__ void copy(int* to, const int* from, int stride) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  to[i * stride] = from[i * stride];
}

__global__ void count(int* at) {
  atomicAdd(at, 1);
}

cudaemu_link_totals passed(int from, int to) {
  cudaemu_link_totals totals{};
  cudaemu_link_stats(from, to, &totals);
  return totals;
}

void expect_passed(int from, int to, std::size_t bytes, double gigabytes_per_second,
                   const char* what) {
  const cudaemu_link_totals totals = passed(from, to);
  const double seconds =
      gigabytes_per_second > 0 ? static_cast<double>(bytes) / gigabytes_per_second / 1e9 : 0;
  expect(totals.bytes == bytes && std::abs(totals.busy_seconds - seconds) < 1e-9, what);
}

// Runs it, and tells how long it took.
template <class Launch>
double seconds_of(const Launch& launch) {
  CHECK_CUDA(cudaDeviceSynchronize());
  cudaemu_reset_stats();
  const auto start = std::chrono::steady_clock::now();
  launch();
  CHECK_CUDA(cudaDeviceSynchronize());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int* on_device(int device, std::size_t bytes) {
  void* memory = nullptr;
  CHECK_CUDA(cudaSetDevice(device));
  CHECK_CUDA(cudaMalloc(&memory, bytes));
  CHECK_CUDA(cudaMemset(memory, 0, bytes));
  CHECK_CUDA(cudaDeviceSynchronize());
  CHECK_CUDA(cudaSetDevice(0));
  return static_cast<int*>(memory);
}

void test_host_memory(int* here, int* host) {
  double took = seconds_of([&] { copy<<<kBlocks, kThreads>>>(here, host, 1); });
  expect(took >= kBytes / 0.1e9, "reading mapped memory takes as long as the link does");
  expect_passed(CUDAEMU_HOST, 0, kBytes, 0.1, "its bytes come from the host");
  expect_passed(0, CUDAEMU_HOST, 0, 0, "and none goes there");
  expect_passed(CUDAEMU_HOST, CUDAEMU_HOST, kBytes, 0, "the host's memory has no limit");

  took = seconds_of([&] { copy<<<kBlocks, kThreads>>>(host, here, 1); });
  expect(took >= kBytes / 0.05e9, "writing it does, too");
  expect_passed(0, CUDAEMU_HOST, kBytes, 0.05, "its bytes go to the host");

  took = seconds_of([&] { copy<<<kBlocks / 8, kThreads>>>(here, host, 8); });
  expect(took >= kBytes / 0.1e9, "a stride reads whole sectors");
  expect_passed(CUDAEMU_HOST, 0, kBytes, 0.1, "which are 32 bytes");

  seconds_of([&] { count<<<1, 64>>>(host); });
  expect_passed(CUDAEMU_HOST, 0, 64 * 32, 0.1, "each atomic operation reads a sector");
  expect_passed(0, CUDAEMU_HOST, 64 * 32, 0.05, "and writes it");

  seconds_of([&] { copy<<<kBlocks, kThreads>>>(here, here, 1); });
  expect_passed(CUDAEMU_HOST, CUDAEMU_HOST, 0, 0, "what stays on the device uses no link");
}

void test_peers(int* here, int* there) {
  CHECK_CUDA(cudaDeviceEnablePeerAccess(1, 0));
  double took = seconds_of([&] { copy<<<kBlocks, kThreads>>>(there, here, 1); });
  expect(took >= kBytes / 0.2e9, "writing a peer's memory takes as long as the link does");
  expect_passed(0, 1, kBytes, 0.2, "its bytes go there");
  expect_passed(1, 0, 0, 0, "and none comes");

  seconds_of([&] { copy<<<kBlocks, kThreads>>>(here, there, 1); });
  expect_passed(1, 0, kBytes, 0, "the way back has no limit");
  expect_passed(0, 1, 0, 0, "and is another one");

  seconds_of([&] { count<<<1, 64>>>(there); });
  expect_passed(0, 1, 64 * 32, 0.2, "atomic operations go there");
  expect_passed(1, 0, 64 * 32, 0, "and back");
  expect_passed(CUDAEMU_HOST, CUDAEMU_HOST, 0, 0, "peers leave the host alone");
  CHECK_CUDA(cudaDeviceDisablePeerAccess(1));
}

// The kernel and a copy share the link.
void test_sharing(int* here, int* host) {
  int* const target = on_device(0, kBytes);
  cudaStream_t one = nullptr;
  cudaStream_t other = nullptr;
  CHECK_CUDA(cudaStreamCreateWithFlags(&one, cudaStreamNonBlocking));
  CHECK_CUDA(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking));
  const double took = seconds_of([&] {
    copy<<<kBlocks, kThreads, 0, one>>>(here, host, 1);
    CHECK_CUDA(cudaMemcpyAsync(target, host, kBytes, cudaMemcpyHostToDevice, other));
  });
  expect(took >= 2 * kBytes / 0.1e9, "a kernel and a copy share a link");
  expect_passed(CUDAEMU_HOST, 0, 2 * kBytes, 0.1, "and both count");
  CHECK_CUDA(cudaStreamDestroy(one));
  CHECK_CUDA(cudaStreamDestroy(other));
  CHECK_CUDA(cudaFree(target));
}

}  // namespace

int main() {
  void* host = nullptr;
  CHECK_CUDA(cudaHostAlloc(&host, kBytes, cudaHostAllocMapped));
  int* const here = on_device(0, kBytes);
  int* const there = on_device(1, kBytes);
  test_host_memory(here, static_cast<int*>(host));
  test_sharing(here, static_cast<int*>(host));
  test_peers(here, there);
  CHECK_CUDA(cudaFree(here));
  CHECK_CUDA(cudaFree(there));
  CHECK_CUDA(cudaFreeHost(host));
  return failures() == 0 ? 0 : 1;
}

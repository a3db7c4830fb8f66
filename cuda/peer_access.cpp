#include "cuda/peer_access.hpp"

#include <cuda_runtime_api.h>

#include "cuda/cuda_check.hpp"
#include "cuda/device_guard.hpp"
#include "cuda/device_memory.hpp"

namespace warmstart {

void allow_peer_access(int reader, int owner) {
  int possible = 0;
  WARMSTART_CUDA_CHECK(cudaDeviceCanAccessPeer(&possible, reader, owner));
  if (possible == 0) return;
  const device_guard here(reader);
  const cudaError_t answer = cudaDeviceEnablePeerAccess(owner, 0);
  if (answer == cudaErrorPeerAccessAlreadyEnabled) {
    (void)cudaGetLastError();
  } else {
    cuda_check(answer, "cudaDeviceEnablePeerAccess(owner)");
  }
  // Memory out of a pool follows the pool's rules instead.
  if (!has_memory_pool(owner)) return;
  cudaMemPool_t pool = nullptr;
  WARMSTART_CUDA_CHECK(cudaDeviceGetDefaultMemPool(&pool, owner));
  cudaMemAccessDesc access{};
  access.location.type = cudaMemLocationTypeDevice;
  access.location.id = reader;
  access.flags = cudaMemAccessFlagsProtReadWrite;
  WARMSTART_CUDA_CHECK(cudaMemPoolSetAccess(pool, &access, 1));
}

}  // namespace warmstart

#include "cuda/peer_access.hpp"

#include <cuda_runtime_api.h>

#include "cuda/cuda_check.hpp"
#include "cuda/cuda_device.hpp"
#include "cuda/current_device.hpp"

namespace warmstart::detail {

void allow_peer_access(int reader, int owner) {
  int possible = 0;
  WARMSTART_CUDA_CHECK(cudaDeviceCanAccessPeer(&possible, reader, owner));
  if (possible == 0) return;
  use_device(reader);
  const cudaError_t answer = cudaDeviceEnablePeerAccess(owner, 0);
  if (answer == cudaErrorTooManyPeers) {
    (void)cudaGetLastError();
    return;  // the driver copies through the host instead
  }
  if (answer == cudaErrorPeerAccessAlreadyEnabled) {
    (void)cudaGetLastError();
  } else {
    cuda_check(answer, "cudaDeviceEnablePeerAccess(owner)");
  }
  // Access to memory from a pool is set per pool. The process's default pool is left unchanged.
  cudaMemPool_t pool = cuda_device::of(owner)->pool();
  if (pool == nullptr) return;
  cudaMemAccessDesc access{};
  access.location.type = cudaMemLocationTypeDevice;
  access.location.id = reader;
  access.flags = cudaMemAccessFlagsProtReadWrite;
  WARMSTART_CUDA_CHECK(cudaMemPoolSetAccess(pool, &access, 1));
}

}  // namespace warmstart::detail

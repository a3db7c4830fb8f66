// Lists the CUDA devices.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <string_view>

#include "cuda/cuda_check.hpp"
#include "cuda/device_guard.hpp"
#include "engine/backend.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// The devices of the emulator (tests/cudaemu) have this suffix in their names. A weak reference to
// one of its functions would identify it too, but only in position-independent programs.
constexpr std::string_view EMULATED = "(cudaemu)";

// Here a missing driver or a failing device is a result, not an error. Clears cudaGetLastError, so
// that the next launch does not report it.
bool succeeded(cudaError_t result) {
  if (result != cudaSuccess) (void)cudaGetLastError();
  return result == cudaSuccess;
}

// If a device has no room for a context, none of its memory counts as free.
void add_memory(device_info& info) try {
  const device_guard here(info.device.index());
  WARMSTART_CUDA_CHECK(cudaMemGetInfo(&info.free_bytes, &info.total_bytes));
} catch (const error&) {
  info.free_bytes = 0;
}

}  // namespace

int cuda_device_count() noexcept {
  int count = 0;
  return succeeded(cudaGetDeviceCount(&count)) ? count : 0;
}

std::vector<device> cuda_peers_of(int index) {
  std::vector<device> peers;
  const int count = cuda_device_count();
  for (int peer = 0; peer < count; ++peer) {
    int can = 0;
    if (peer != index && succeeded(cudaDeviceCanAccessPeer(&can, index, peer)) && can != 0) {
      peers.emplace_back(device_kind::cuda, peer);
    }
  }
  return peers;
}

std::vector<device_info> cuda_devices() {
  std::vector<device_info> all;
  const int count = cuda_device_count();
  for (int index = 0; index < count; ++index) {
    cudaDeviceProp properties{};
    if (!succeeded(cudaGetDeviceProperties(&properties, index))) continue;
    const std::string_view name = properties.name;
    device_info info = {.device = device(device_kind::cuda, index),
                        .description = fmt::format("{}, compute capability {}.{}", name,
                                                   properties.major, properties.minor),
                        .total_bytes = properties.totalGlobalMem,
                        .free_bytes = 0,
                        .peers = cuda_peers_of(index),
                        .emulated = name.find(EMULATED) != std::string_view::npos};
    add_memory(info);
    all.push_back(std::move(info));
  }
  return all;
}

}  // namespace warmstart::detail

#include "link_ceiling.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// Size of the slots of an engine by default.
constexpr std::size_t PINNED_BYTES = 128 << 20;

void check(cudaError_t result, const char* what) {
  if (result == cudaSuccess) return;
  throw error(result == cudaErrorMemoryAllocation ? error_code::out_of_memory : error_code::device,
              fmt::format("{}: {}", what, cudaGetErrorString(result)));
}

}  // namespace

struct link_ceiling::state {
  state() = default;
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    (void)cudaFree(device_memory);
    (void)cudaFreeHost(pinned);
    if (stream != nullptr) (void)cudaStreamDestroy(stream);
  }

  std::size_t size = 0;
  std::size_t pinned_size = 0;
  cudaStream_t stream = nullptr;
  void* pinned = nullptr;
  void* device_memory = nullptr;
};

link_ceiling::link_ceiling(const device& to, std::int64_t size_bytes)
    : state_(std::make_unique<state>()) {
  state_->size = static_cast<std::size_t>(size_bytes);
  state_->pinned_size = std::min(state_->size, PINNED_BYTES);
  check(cudaSetDevice(to.index()), "cudaSetDevice");
  check(cudaStreamCreateWithFlags(&state_->stream, cudaStreamNonBlocking), "cudaStreamCreate");
  check(cudaHostAlloc(&state_->pinned, state_->pinned_size, cudaHostAllocDefault), "cudaHostAlloc");
  std::memset(state_->pinned, 1, state_->pinned_size);
  check(cudaMalloc(&state_->device_memory, state_->size), "cudaMalloc");
}

link_ceiling::~link_ceiling() = default;

void link_ceiling::copy() {
  auto* const to = static_cast<std::byte*>(state_->device_memory);
  for (std::size_t at = 0; at < state_->size; at += state_->pinned_size) {
    check(cudaMemcpyAsync(to + at, state_->pinned, std::min(state_->pinned_size, state_->size - at),
                          cudaMemcpyHostToDevice, state_->stream),
          "cudaMemcpyAsync");
  }
  check(cudaStreamSynchronize(state_->stream), "cudaStreamSynchronize");
}

}  // namespace warmstart::detail

#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstring>
#include <vector>

#include "cuda/cuda_check.hpp"
#include "warmstart/variable.hpp"

namespace warmstart::detail::test {

/// A replica's bytes, wherever they are.
inline std::vector<std::byte> resident_bytes(const variable& v, std::size_t replica = 0) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(v.size_bytes()));
  WARMSTART_CUDA_CHECK(cudaMemcpy(bytes.data(), v.data(replica), bytes.size(), cudaMemcpyDefault));
  return bytes;
}

inline void flip_bit(const variable& v, std::size_t offset, unsigned bit) {
  auto* const at = static_cast<std::byte*>(v.data()) + offset;
  std::byte value{};
  WARMSTART_CUDA_CHECK(cudaMemcpy(&value, at, 1, cudaMemcpyDefault));
  value ^= std::byte{1} << bit;
  WARMSTART_CUDA_CHECK(cudaMemcpy(at, &value, 1, cudaMemcpyDefault));
  WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());  // from pageable memory: may not have arrived
}

}  // namespace warmstart::detail::test

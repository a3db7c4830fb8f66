#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>

#include "cuda/cuda_check.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {

/// The list of a chunk's scattered copies, laid out for the kernel (model/scatter_list.hpp).
struct scatter_list {
  std::uint32_t pieces = 0;
  std::uint32_t units = 0;  ///< units of work
  std::size_t bytes = 0;    ///< of `into` that are used
};

/// Writes the list into `commands.list`, which has room for it. `source` is where kernels find what
/// lies in the slot: its mirror, or the slot by the address that the device knows it by.
[[nodiscard]] scatter_list write_scatter_list(const slot_commands& commands,
                                              const std::byte* source);

/// Queues the kernel. `list`: where the device finds what was written.
void launch_scatter(const scatter_list& what, const std::byte* list, cudaStream_t stream);

}  // namespace warmstart::detail

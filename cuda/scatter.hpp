#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>

#include "cuda/cuda_check.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {

/// Properties of a chunk's scatter list, whose layout model/scatter_list.hpp describes.
struct scatter_list {
  std::uint32_t pieces = 0;
  std::uint32_t units = 0;  ///< work units of all pieces
  std::size_t bytes = 0;    ///< size of the list
};

/// Writes the list into `commands.list`, which must be large enough. `source` is the device address
/// of the slot's bytes: the mirror, or the slot as mapped into the device's address space.
[[nodiscard]] scatter_list write_scatter_list(const slot_commands& commands,
                                              const std::byte* source);

/// Queues the kernel. `list` is the list's copy on the device.
void launch_scatter(const scatter_list& what, const std::byte* list, cudaStream_t stream);

}  // namespace warmstart::detail

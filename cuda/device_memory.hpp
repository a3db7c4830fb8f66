#pragma once

#include <cstddef>
#include <memory>

#include "engine/backend.hpp"

namespace warmstart::detail {

/// Pinned host memory: all devices can copy from it, and kernels can access it.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_pinned(std::size_t size_bytes);

/// Whether the device has memory pools. Throws `device`.
[[nodiscard]] bool has_memory_pool(int index);

/// Memory from the library's pool of a device. Its destructor does not wait: all work on the memory
/// must be complete by then.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_from_pool(int index, std::size_t size_bytes);

/// Memory of the current device, by `cudaMalloc`.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_on_device(std::size_t size_bytes);

}  // namespace warmstart::detail

#pragma once

#include <cstddef>
#include <memory>

#include "engine/backend.hpp"

namespace warmstart {

/// Host memory that all devices copy from without staging, mapped for kernels, too.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_pinned(std::size_t size_bytes);

/// Whether variables of the device are in a pool of its own. Throws `device`.
[[nodiscard]] bool has_memory_pool(int index);

/// Plain memory of the current device.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_on_device(std::size_t size_bytes);

}  // namespace warmstart

#pragma once

#include <cstddef>
#include <memory>

#include "engine/backend.hpp"

namespace warmstart::detail {

/// Host memory that all devices copy from without staging, mapped for kernels, too.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_pinned(std::size_t size_bytes);

/// Whether the device has memory pools. Throws `device`.
[[nodiscard]] bool has_memory_pool(int index);

/// Memory out of the library's own pool of a device. Given back without a wait: nothing may use it
/// by then.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_from_pool(int index, std::size_t size_bytes);

/// Plain memory of the current device.
[[nodiscard]] std::unique_ptr<staging_memory> allocate_on_device(std::size_t size_bytes);

}  // namespace warmstart::detail

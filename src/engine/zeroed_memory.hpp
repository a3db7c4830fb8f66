#pragma once

#include <cstddef>

#include "warmstart/memory.hpp"

namespace warmstart::detail {

/// Whether blocks of this size from `from` are known to contain zeros: fresh pages that the default
/// resource allocates. Returns false for resources that wrap the default one.
[[nodiscard]] bool allocates_zeros(const memory_resource& from, std::size_t size_bytes,
                                   const device& device) noexcept;

}  // namespace warmstart::detail

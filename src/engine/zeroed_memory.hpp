#pragma once

#include <cstddef>

#include "warmstart/memory.hpp"

namespace warmstart::detail {

/// Whether a block that `from` allocates is known to hold zeros until somebody writes to it: fresh
/// pages of the system, from the default resource itself. Resources around it are not looked into.
[[nodiscard]] bool allocates_zeros(const memory_resource& from, std::size_t size_bytes,
                                   const device& where) noexcept;

}  // namespace warmstart::detail

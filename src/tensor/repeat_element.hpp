#pragma once

#include <cstddef>
#include <span>

namespace warmstart::detail {

/// Fills memory, aligned to anything, with copies of an element of 1, 2, 4, 8 or 16 bytes. `to` has
/// room for a whole number of them. As fast as memset: large blocks are written past the cache.
void repeat_element(std::span<std::byte> to, std::span<const std::byte> element) noexcept;

}  // namespace warmstart::detail

#pragma once

#include <cstddef>

#include "base/units.hpp"

namespace warmstart::detail {

/// Blocks of this size and more are fresh pages of their own, which hold zeros until somebody
/// writes to them. Below it they would waste memory, and mappings are few.
inline constexpr std::size_t own_pages_bytes = mebibyte;

/// Host memory with undefined contents, aligned to 64 bytes. Large blocks ask for huge pages unless
/// told not to. Requires a size above 0. Throws `out_of_memory`.
[[nodiscard]] void* allocate_on_host(std::size_t size_bytes, bool huge_pages = true);
/// Takes back what `allocate_on_host` gave, with the same size.
void deallocate_on_host(void* data, std::size_t size_bytes) noexcept;

}  // namespace warmstart::detail

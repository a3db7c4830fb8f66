#pragma once

#include <cstddef>

#include "base/units.hpp"

namespace warmstart::detail {

/// Blocks of at least this size are separate mappings, whose fresh pages contain zeros. Smaller
/// ones would waste memory, and the number of mappings is limited.
inline constexpr std::size_t own_pages_bytes = mebibyte;

/// Allocates uninitialized host memory, aligned to 64 bytes. Requires a size above 0. Large blocks
/// request huge pages if `huge_pages` is set. Throws `out_of_memory`.
[[nodiscard]] void* allocate_on_host(std::size_t size_bytes, bool huge_pages = true);
/// Frees memory that `allocate_on_host` returned, with the same size.
void deallocate_on_host(void* data, std::size_t size_bytes) noexcept;

}  // namespace warmstart::detail

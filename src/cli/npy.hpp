#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"

namespace warmstart::detail::cli {

/// NumPy's file format, version 1.0 (2.0 for headers of 64 KiB and more): magic, header, and the
/// elements, row-major. Types that NumPy lacks become raw bytes (`|V2`, `|V1`).
[[nodiscard]] std::string npy_header(dtype type, const shape& of);

/// Writes an array to PATH through an `atomic_file`. Throws `io`.
void write_npy(const std::string& path, dtype type, const shape& of,
               std::span<const std::byte> elements);

/// Encodes a name for use in a file name: everything but letters, digits, `_`, `-` and `.`, and a
/// dot at the front, becomes %XX.
[[nodiscard]] std::string percent_encode(std::string_view name);

}  // namespace warmstart::detail::cli

#pragma once

#include <cstdint>

#include "io/file.hpp"

namespace warmstart::detail {

/// The CRC-32 of a byte range, read block by block. Throws what `file::read` throws.
[[nodiscard]] std::uint32_t crc32_of(const file& from, const file_range& where);

}  // namespace warmstart::detail

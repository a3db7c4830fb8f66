#pragma once

#include <cstdint>

#include "io/file.hpp"

namespace warmstart::detail {

/// The CRC-32 of a part of a file, which is read a block at a time. Throws what reading throws.
[[nodiscard]] std::uint32_t crc32_of(const file& from, const file_range& where);

}  // namespace warmstart::detail

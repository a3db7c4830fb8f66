#pragma once

#include <cstdint>

#include "io/file.hpp"

namespace warmstart {

/// Of a part of a file, which is read a block at a time. Throw what reading throws.
[[nodiscard]] std::uint32_t crc32_of(const file& from, const file_range& where);
[[nodiscard]] std::uint32_t crc32c_of(const file& from, const file_range& where);

}  // namespace warmstart

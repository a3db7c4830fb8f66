#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/catalog.hpp"

namespace warmstart {

/// Functions that compute one kind of checksum from parts (see `crc_arithmetic.hpp`).
struct checksum_arithmetic {
  const char* name = "";
  std::uint32_t (*remainder)(std::span<const std::byte> data, std::uint32_t before) noexcept;
  std::uint32_t (*advance)(std::uint32_t remainder, std::int64_t zero_bytes) noexcept;
  std::uint32_t (*finish)(std::uint32_t remainder, std::int64_t size_bytes) noexcept;
};

/// The arithmetic of a kind for which `stored_checksum::of_bytes` is true.
[[nodiscard]] const checksum_arithmetic& arithmetic_of(checksum_kind kind) noexcept;

}  // namespace warmstart

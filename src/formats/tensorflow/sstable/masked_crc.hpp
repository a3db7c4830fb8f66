#pragma once

#include <bit>
#include <cstdint>

namespace warmstart::detail {

// TensorFlow masks stored CRC32C values, because the CRC of data that contains its own CRC is
// weak (specification A1.2).

[[nodiscard]] constexpr std::uint32_t mask_crc(std::uint32_t crc) {
  return std::rotr(crc, 15) + 0xA282EAD8U;
}
[[nodiscard]] constexpr std::uint32_t unmask_crc(std::uint32_t masked) {
  return std::rotl(masked - 0xA282EAD8U, 15);
}

}  // namespace warmstart::detail

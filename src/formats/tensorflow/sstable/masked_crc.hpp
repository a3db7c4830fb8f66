#pragma once

#include <bit>
#include <cstdint>

namespace warmstart::detail {

// Stored CRC32Cs are masked, so that the CRC of data that contain CRCs stays meaningful
// (specification A1.2).

[[nodiscard]] constexpr std::uint32_t mask_crc(std::uint32_t crc) {
  return std::rotr(crc, 15) + 0xA282EAD8U;
}
[[nodiscard]] constexpr std::uint32_t unmask_crc(std::uint32_t masked) {
  return std::rotl(masked - 0xA282EAD8U, 15);
}

}  // namespace warmstart::detail

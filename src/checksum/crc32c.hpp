#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "checksum/crc_arithmetic.hpp"

namespace warmstart::detail {

// CRC32C (Castagnoli; reflected polynomial 0x82F63B78, init and final xor 0xFFFFFFFF). See
// `crc_arithmetic.hpp` for how checksums of parts compose.

inline constexpr std::uint32_t crc32c_polynomial = 0x82F63B78;

[[nodiscard]] constexpr std::uint32_t crc32c_multiply(std::uint32_t a, std::uint32_t b) noexcept {
  return crc_multiply<crc32c_polynomial>(a, b);
}

/// The checksum of a message whose last part is `data` and whose first part has checksum `crc`.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t crc = 0) noexcept;

/// The partial CRC of a message whose last part is `data` and whose first part has partial CRC
/// `before`.
[[nodiscard]] std::uint32_t crc32c_remainder(std::span<const std::byte> data,
                                             std::uint32_t before = 0) noexcept;

/// The partial CRC of a message followed by `zero_bytes` >= 0 zero bytes.
[[nodiscard]] std::uint32_t crc32c_advance(std::uint32_t remainder,
                                           std::int64_t zero_bytes) noexcept;

/// The inverse of `crc32c_advance`: removes `zero_bytes` zero bytes from the end of the message.
[[nodiscard]] std::uint32_t crc32c_retreat(std::uint32_t remainder,
                                           std::int64_t zero_bytes) noexcept;

using crc32c_shift = crc_shift<crc32c_polynomial>;

/// The checksum of a message of `size_bytes` bytes from its partial CRC, or the partial CRC from
/// the checksum: the function is its own inverse.
[[nodiscard]] std::uint32_t crc32c_finish(std::uint32_t remainder,
                                          std::int64_t size_bytes) noexcept;

/// The checksum of the concatenation of two messages, from their checksums.
[[nodiscard]] std::uint32_t crc32c_concatenate(std::uint32_t first, std::uint32_t second,
                                               std::int64_t second_size_bytes) noexcept;

}  // namespace warmstart::detail

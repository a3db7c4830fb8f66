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

/// The checksum of `data`, continuing `crc`, the checksum of what stands before it.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t crc = 0) noexcept;

/// The remainder of `data`, continuing that of what stands before it.
[[nodiscard]] std::uint32_t crc32c_remainder(std::span<const std::byte> data,
                                             std::uint32_t before = 0) noexcept;

/// The remainder of a message followed by `zero_bytes` >= 0 zero bytes.
[[nodiscard]] std::uint32_t crc32c_advance(std::uint32_t remainder,
                                           std::int64_t zero_bytes) noexcept;

/// The reverse: the remainder of a message of which that followed by `zero_bytes` zeros is known.
[[nodiscard]] std::uint32_t crc32c_retreat(std::uint32_t remainder,
                                           std::int64_t zero_bytes) noexcept;

using crc32c_shift = crc_shift<crc32c_polynomial>;

/// The checksum of a message of `size_bytes` from its remainder; and its remainder from its
/// checksum.
[[nodiscard]] std::uint32_t crc32c_finish(std::uint32_t remainder,
                                          std::int64_t size_bytes) noexcept;

/// The checksum of two messages put together, from theirs.
[[nodiscard]] std::uint32_t crc32c_concatenate(std::uint32_t first, std::uint32_t second,
                                               std::int64_t second_size_bytes) noexcept;

}  // namespace warmstart::detail

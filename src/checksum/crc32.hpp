#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace warmstart::detail {

// CRC-32 as in zip files (reflected polynomial 0xEDB88320, init and final xor 0xFFFFFFFF). See
// `crc_arithmetic.hpp` for how checksums of parts compose.

/// The checksum of a message whose last part is `data` and whose first part has checksum `crc`.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc = 0) noexcept;

/// The partial CRC of a message whose last part is `data` and whose first part has partial CRC
/// `before`.
[[nodiscard]] std::uint32_t crc32_remainder(std::span<const std::byte> data,
                                            std::uint32_t before = 0) noexcept;

/// The partial CRC of a message followed by `zero_bytes` >= 0 zero bytes.
[[nodiscard]] std::uint32_t crc32_advance(std::uint32_t remainder,
                                          std::int64_t zero_bytes) noexcept;

/// The checksum of a message of `size_bytes` bytes from its partial CRC.
[[nodiscard]] std::uint32_t crc32_finish(std::uint32_t remainder, std::int64_t size_bytes) noexcept;

/// The checksum of the second of two messages, from the checksums of the first and of their
/// concatenation.
[[nodiscard]] std::uint32_t crc32_of_rest(std::uint32_t first, std::uint32_t both,
                                          std::int64_t second_size_bytes) noexcept;

}  // namespace warmstart::detail

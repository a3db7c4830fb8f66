#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace warmstart {

// CRC32C (Castagnoli; reflected polynomial 0x82F63B78, init and final xor 0xFFFFFFFF).
//
// Checksums of parts compose without the bytes. The *remainder* of a message (the register after
// it, started at zero, without final xor) is linear: the remainder of a whole is the xor of its
// fragments' remainders, each advanced over the bytes that follow the fragment. So fragments may
// come in any order, from any thread; `finish` turns the sum into the usual checksum.

inline constexpr std::uint32_t crc32c_polynomial = 0x82F63B78;

/// Remainders are polynomials over GF(2), bit 31 the constant term: the product of two, reduced.
/// `crc32c_advance` over n bytes multiplies by the nth power of `crc32c_byte_power`, x^8.
[[nodiscard]] constexpr std::uint32_t crc32c_multiply(std::uint32_t a, std::uint32_t b) noexcept {
  std::uint32_t product = 0;
  for (int bit = 0; bit < 32; ++bit) {
    product ^= b & (0U - (a >> 31U));
    a <<= 1U;
    b = (b >> 1U) ^ (crc32c_polynomial & (0U - (b & 1U)));
  }
  return product;
}
inline constexpr std::uint32_t crc32c_byte_power = 0x00800000;

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

/// Advances many remainders by the same distance: the costly part of `crc32c_advance`, done once.
class crc32c_shift {
 public:
  explicit crc32c_shift(std::int64_t zero_bytes) noexcept;
  [[nodiscard]] std::uint32_t operator()(std::uint32_t remainder) const noexcept;

 private:
  std::uint32_t factor_;
};

/// The checksum of a message of `size_bytes` from its remainder; and its remainder from its
/// checksum.
[[nodiscard]] std::uint32_t crc32c_finish(std::uint32_t remainder,
                                          std::int64_t size_bytes) noexcept;

/// The checksum of two messages put together, from theirs.
[[nodiscard]] std::uint32_t crc32c_concatenate(std::uint32_t first, std::uint32_t second,
                                               std::int64_t second_size_bytes) noexcept;

}  // namespace warmstart

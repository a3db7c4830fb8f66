#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace warmstart::detail {

// What reflected CRCs of 32 bits have in common, whatever their polynomial.
//
// Checksums of parts compose without the bytes. The *remainder* of a message (the register after
// it, started at zero, without final xor) is linear: the remainder of a whole is the xor of its
// fragments' remainders, each advanced over the bytes that follow the fragment. So fragments may
// come in any order, from any thread; `finish` turns the sum into the usual checksum.

/// Remainders are polynomials over GF(2), bit 31 the constant term: the product of two, reduced.
template <std::uint32_t Polynomial>
[[nodiscard]] constexpr std::uint32_t crc_multiply(std::uint32_t a, std::uint32_t b) noexcept {
  std::uint32_t product = 0;
  for (int bit = 0; bit < 32; ++bit) {
    product ^= b & (0U - (a >> 31U));
    a <<= 1U;
    b = (b >> 1U) ^ (Polynomial & (0U - (b & 1U)));
  }
  return product;
}

/// Advancing over n bytes multiplies by the nth power of this: x^8.
inline constexpr std::uint32_t crc_byte_power = 0x00800000;

/// Advances many remainders by the same distance: what is costly is done once.
template <std::uint32_t Polynomial>
class crc_shift {
 public:
  explicit constexpr crc_shift(std::int64_t zero_bytes) noexcept {
    for (std::size_t i = 0; zero_bytes != 0; ++i, zero_bytes >>= 1) {
      if ((zero_bytes & 1) == 0) continue;
      factor_ = factor_ == ONE ? POWERS[i] : crc_multiply<Polynomial>(factor_, POWERS[i]);
    }
  }
  [[nodiscard]] constexpr std::uint32_t operator()(std::uint32_t remainder) const noexcept {
    if (remainder == 0 || factor_ == ONE) return remainder;
    return crc_multiply<Polynomial>(factor_, remainder);
  }

 private:
  static constexpr std::uint32_t ONE = 0x80000000;

  // x^(8 * 2^i): what advancing over 2^i zero bytes multiplies by.
  static constexpr std::array<std::uint32_t, 63> POWERS = [] {
    std::array<std::uint32_t, 63> powers{crc_byte_power};
    for (std::size_t i = 1; i < powers.size(); ++i) {
      powers[i] = crc_multiply<Polynomial>(powers[i - 1], powers[i - 1]);
    }
    return powers;
  }();

  std::uint32_t factor_ = ONE;
};

}  // namespace warmstart::detail

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace warmstart::detail {

// Arithmetic of reflected 32-bit CRCs with any polynomial.
//
// Checksums of parts compose without reading the bytes again. The partial CRC (*remainder*) of a
// message is the CRC register after the message, with initial value zero and without final xor. It
// is linear: the partial CRC of a message is the xor of the partial CRCs of its fragments, each
// advanced over the bytes that follow the fragment. Fragments may therefore be processed in any
// order and on any thread. `finish` converts the sum to the usual checksum.

/// The product of two partial CRCs, which are polynomials over GF(2) modulo `Polynomial`; bit 31 is
/// the constant term.
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

/// Advances partial CRCs by a fixed distance. The constructor does the expensive part once.
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

  // x^(8 * 2^i), the factor that advances over 2^i zero bytes.
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

#include "base/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace warmstart::detail {
namespace {

struct sequence {
  std::size_t following = 0;   ///< number of bytes after the first
  std::uint32_t bits = 0;      ///< payload bits of the first byte
  std::uint32_t smallest = 0;  ///< smallest code point that needs this many bytes
};

// Decodes a first byte; `following` is 0 if it is invalid.
sequence sequence_of(unsigned char first) noexcept {
  if (first >= 0xc0 && first < 0xe0) return {1, first & 0x1fU, 0x80};
  if (first >= 0xe0 && first < 0xf0) return {2, first & 0x0fU, 0x800};
  if (first >= 0xf0 && first < 0xf8) return {3, first & 0x07U, 0x10000};
  return {};
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  constexpr std::uint32_t LARGEST = 0x10ffff;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) continue;
    const sequence expected = sequence_of(first);
    if (expected.following == 0 || text.size() - at <= expected.following) return false;
    std::uint32_t letter = expected.bits;
    for (std::size_t i = 1; i <= expected.following; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xc0U) != 0x80U) return false;
      letter = letter << 6U | (next & 0x3fU);
    }
    if (letter < expected.smallest || letter > LARGEST) return false;
    at += expected.following;
  }
  return true;
}

}  // namespace warmstart::detail

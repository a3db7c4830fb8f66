#include "formats/tensorflow/shared/ordered_code.hpp"

#include <algorithm>
#include <bit>

namespace warmstart::detail {
namespace {

constexpr char ESCAPE_0 = '\x00';   // 00 ff stands for 00, 00 01 ends the string
constexpr char ESCAPE_FF = '\xff';  // ff 00 stands for ff

// The length prefix of a signed number of n bytes: n ones, then a zero, cut off after two bytes.
std::uint16_t signed_header(int bytes) {
  return static_cast<std::uint16_t>(0xffffU << (16 - bytes));
}

// Byte i of `value`, sign-extended to `bytes` bytes, big endian.
std::uint8_t byte_of(std::int64_t value, int bytes, int i) {
  const int shift = 8 * (bytes - 1 - i);
  return static_cast<std::uint8_t>(value >> std::min(shift, 63));
}

}  // namespace

void append_ordered_string(std::string& to, std::string_view text) {
  for (const char c : text) {
    to += c;
    if (c == ESCAPE_0) to += '\xff';
    if (c == ESCAPE_FF) to += '\x00';
  }
  to += '\x00';
  to += '\x01';
}

void append_ordered_number(std::string& to, std::uint64_t value) {
  const int bytes = (static_cast<int>(std::bit_width(value)) + 7) / 8;
  to += static_cast<char>(bytes);
  for (int i = bytes - 1; i >= 0; --i) to += static_cast<char>(value >> (8 * i));
}

void append_ordered_signed(std::string& to, std::int64_t value) {
  // n bytes hold [-2^(7n-1), 2^(7n-1)).
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
  const int bytes = std::min(10, static_cast<int>(std::bit_width(magnitude)) / 7 + 1);
  for (int i = 0; i < bytes; ++i) {
    auto byte = static_cast<unsigned>(byte_of(value, bytes, i));
    if (i < 2) byte ^= 0xffU & (static_cast<unsigned>(signed_header(bytes)) >> (8 * (1 - i)));
    to += static_cast<char>(byte);
  }
}

std::optional<std::string> take_ordered_string(byte_reader& from) {
  std::string text;
  for (;;) {
    const auto first = from.bytes(1);
    if (!first) return std::nullopt;
    const char c = first->front();
    if (c != ESCAPE_0 && c != ESCAPE_FF) {
      text += c;
      continue;
    }
    const auto second = from.bytes(1);
    if (!second) return std::nullopt;
    if (c == ESCAPE_0 && second->front() == '\x01') return text;
    if (second->front() != (c == ESCAPE_0 ? '\xff' : '\x00')) return std::nullopt;
    text += c;
  }
}

std::optional<std::uint64_t> take_ordered_number(byte_reader& from) {
  const auto length = from.bytes(1);
  if (!length || static_cast<std::uint8_t>(length->front()) > 8) return std::nullopt;
  const auto digits = from.bytes(static_cast<std::uint8_t>(length->front()));
  if (!digits) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : *digits) value = value << 8U | static_cast<std::uint8_t>(digit);
  return value;
}

std::optional<std::int64_t> take_ordered_signed(byte_reader& from) {
  if (from.at_end()) return std::nullopt;
  // The sign bit is repeated once for each further byte.
  const bool negative = (static_cast<std::uint8_t>(from.rest().front()) & 0x80U) == 0;
  const std::uint32_t flip = negative ? 0xffffU : 0U;
  const auto at = [&](std::size_t i) {
    return i < from.rest().size() ? static_cast<std::uint8_t>(from.rest()[i]) : std::uint8_t{0};
  };
  const std::uint32_t start = ((std::uint32_t{at(0)} << 8U | at(1)) ^ flip) & 0xffffU;
  const int bytes = std::countl_one(start << 16U);
  if (bytes > 10) return std::nullopt;
  const auto digits = from.bytes(static_cast<std::uint64_t>(bytes));
  if (!digits) return std::nullopt;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (int i = 0; i < bytes; ++i) {
    auto byte =
        static_cast<unsigned>(static_cast<std::uint8_t>((*digits)[static_cast<std::size_t>(i)]));
    if (i < 2) byte ^= 0xffU & (static_cast<unsigned>(signed_header(bytes)) >> (8 * (1 - i)));
    // Bits that the shift drops must be copies of the sign.
    if (bytes - i > 8 && byte != (negative ? 0xffU : 0U)) return std::nullopt;
    value = value << 8U | byte;
  }
  const auto number = static_cast<std::int64_t>(value);
  if ((number < 0) != negative) return std::nullopt;
  return number;
}

}  // namespace warmstart::detail

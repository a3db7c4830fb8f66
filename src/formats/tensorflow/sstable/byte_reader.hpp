#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace warmstart::detail {

/// Takes numbers from the front of untrusted bytes. Returns nothing if the bytes end too early.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  [[nodiscard]] std::optional<std::string_view> bytes(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  /// Little-endian.
  template <class Number>
  [[nodiscard]] std::optional<Number> number() {
    const auto taken = bytes(sizeof(Number));
    if (!taken) return std::nullopt;
    Number value{};
    std::memcpy(&value, taken->data(), sizeof(value));
    return value;
  }

  /// Seven bits per byte, least significant first. Nothing if it takes more than `max_bytes` bytes,
  /// or a bit does not fit.
  [[nodiscard]] std::optional<std::uint64_t> varint(int max_bytes = 10) {
    std::uint64_t value = 0;
    for (int i = 0; i < max_bytes && !rest_.empty(); ++i) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      const std::uint64_t bits = byte & 0x7fU;
      const int shift = 7 * i;
      if (shift == 63 && bits > 1) return std::nullopt;
      value |= bits << shift;
      if ((byte & 0x80U) == 0) {
        if (max_bytes == 5 && value > UINT32_MAX) return std::nullopt;
        return value;
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint64_t> varint32() { return varint(5); }

 private:
  std::string_view rest_;
};

/// Little-endian numbers; the caller has checked that the bytes exist.
[[nodiscard]] inline std::uint16_t load_u16(const char* at) {
  std::uint16_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}
[[nodiscard]] inline std::uint32_t load_u32(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}
[[nodiscard]] inline std::uint64_t load_u64(const char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

}  // namespace warmstart::detail

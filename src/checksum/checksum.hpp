#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace warmstart::detail {

enum class checksum_kind : std::uint8_t {
  none,
  crc32c,       ///< of the extent's bytes
  crc32,        ///< of the extent's bytes, as in zip files
  by_decoder,   ///< the file's decoder compares the checksums
  of_elements,  ///< defined by the format over decoded elements (string tensors)
};

struct stored_checksum {
  checksum_kind kind = checksum_kind::none;
  std::uint32_t value = 0;  ///< without TensorFlow's mask

  /// Whether the checksum can be computed from the extent's bytes alone.
  [[nodiscard]] bool of_bytes() const noexcept {
    return kind == checksum_kind::crc32c || kind == checksum_kind::crc32;
  }
  friend bool operator==(const stored_checksum&, const stored_checksum&) = default;
};

/// Functions that compute one kind of checksum from parts (see `crc_arithmetic.hpp`).
struct checksum_arithmetic {
  const char* name = "";
  std::uint32_t (*remainder)(std::span<const std::byte> data, std::uint32_t before) noexcept;
  std::uint32_t (*advance)(std::uint32_t remainder, std::int64_t zero_bytes) noexcept;
  std::uint32_t (*finish)(std::uint32_t remainder, std::int64_t size_bytes) noexcept;
};

/// The arithmetic of a kind for which `stored_checksum::of_bytes` is true.
[[nodiscard]] const checksum_arithmetic& arithmetic_of(checksum_kind kind) noexcept;

}  // namespace warmstart::detail

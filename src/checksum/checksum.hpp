#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace warmstart::detail {

enum class checksum_kind : std::uint8_t {
  none,
  crc32c,       ///< of the extent's bytes
  crc32,        ///< of the extent's bytes, as zip files have it
  by_decoder,   ///< the file's decoder compares whatever covers them
  of_elements,  ///< the format's own, over decoded elements (string tensors)
};

struct stored_checksum {
  checksum_kind kind = checksum_kind::none;
  std::uint32_t value = 0;  ///< not masked

  /// Whoever has all of the extent's bytes can compare it.
  [[nodiscard]] bool of_bytes() const noexcept {
    return kind == checksum_kind::crc32c || kind == checksum_kind::crc32;
  }
  friend bool operator==(const stored_checksum&, const stored_checksum&) = default;
};

/// How a kind of checksum is computed, part by part (see `crc_arithmetic.hpp`).
struct checksum_arithmetic {
  const char* name = "";
  std::uint32_t (*remainder)(std::span<const std::byte> data, std::uint32_t before) noexcept;
  std::uint32_t (*advance)(std::uint32_t remainder, std::int64_t zero_bytes) noexcept;
  std::uint32_t (*finish)(std::uint32_t remainder, std::int64_t size_bytes) noexcept;
};

/// Of a kind that is over an extent's bytes.
[[nodiscard]] const checksum_arithmetic& arithmetic_of(checksum_kind kind) noexcept;

}  // namespace warmstart::detail

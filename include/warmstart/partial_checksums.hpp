#pragma once

#include <cstdint>

namespace warmstart {

/// A checksum covers a whole stored piece. If only part of a piece is needed, this decides whether
/// the rest is read too, so that the checksum can be compared.
enum class partial_checksums : std::uint8_t {
  always,
  when_half,  ///< if at least half of the piece is needed
  never,
};

}  // namespace warmstart

#pragma once

#include <cstdint>

namespace warmstart {

/// A checksum covers a whole stored piece. When only a part of a piece is wanted: whether the rest
/// is read so that the checksum can be compared.
enum class partial_checksums : std::uint8_t {
  always,
  when_half,  ///< where at least half of the piece is wanted
  never,
};

}  // namespace warmstart

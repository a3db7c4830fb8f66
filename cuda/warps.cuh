#pragma once

#include <cstdint>

namespace warmstart::detail {

// Load balancing over pieces of very different sizes: pieces are cut into units of similar size. A
// warp processes one unit at a time and finds its piece by binary search.

inline constexpr std::uint32_t WARP = 32;
inline constexpr std::uint32_t WARPS_PER_BLOCK = 4;
inline constexpr std::uint32_t MAX_BLOCKS = 2048;  ///< enough to fill any device

[[nodiscard]] inline std::uint32_t blocks_for(std::uint32_t units) {
  const std::uint32_t blocks = (units + WARPS_PER_BLOCK - 1) / WARPS_PER_BLOCK;
  return blocks < MAX_BLOCKS ? blocks : MAX_BLOCKS;
}

/// Calls `work(piece index, unit within the piece, lane)` for the units of this warp. Pieces are
/// sorted by `first_unit`.
template <class Piece, class Work>
__device__ void for_each_unit(const Piece* pieces, std::uint32_t count, std::uint32_t units,
                              Work work) {
  const std::uint32_t warps = gridDim.x * WARPS_PER_BLOCK;
  for (std::uint32_t unit = blockIdx.x * WARPS_PER_BLOCK + threadIdx.x / WARP; unit < units;
       unit += warps) {
    // Find the last piece that does not start after the unit.
    std::uint32_t first = 0;
    for (std::uint32_t left = count; left > 1;) {
      const std::uint32_t half = left / 2;
      const bool behind = pieces[first + half].first_unit > unit;
      first += behind ? 0 : half;
      left = behind ? half : left - half;
    }
    work(first, unit - pieces[first].first_unit, threadIdx.x % WARP);
  }
}

}  // namespace warmstart::detail

#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>

#include "base/units.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {

/// Implements `backend::remainders` on the current device, which must be device `index`. Waits for
/// the stream.
void compute_remainders(std::span<const remainder_command> commands,
                        std::span<std::uint32_t> answers, int index, cudaStream_t stream);

/// One partial CRC over runs of bytes, in the layout that the kernel reads.
struct remainder_piece {
  std::uint64_t data = 0;  ///< address of the first run
  std::int64_t run_bytes = 0;
  std::int64_t runs = 1;
  std::int64_t following_bytes = 0;   ///< bytes of the message after the first run
  std::uint32_t first_unit = 0;       ///< number of work units of all previous pieces
  std::uint32_t first_dimension = 0;  ///< index of its first loop
  std::uint32_t dimension_count = 0;
};

/// A lane processes a shorter run; a warp processes a segment of a longer run.
inline constexpr std::int64_t min_warp_run_bytes = 1024;
inline constexpr std::int64_t segment_bytes = 32 * kibibyte;

[[nodiscard]] constexpr std::int64_t segments_of_run(const remainder_piece& piece) noexcept {
  return (piece.run_bytes + segment_bytes - 1) / segment_bytes;
}
[[nodiscard]] constexpr std::int64_t units_of(const remainder_piece& piece) noexcept {
  if (piece.run_bytes < min_warp_run_bytes) return (piece.runs + 31) / 32;
  return piece.runs * segments_of_run(piece);
}

/// Queues the kernel, which combines the partial CRC of each piece with its element of `answers`.
/// All pointers refer to device memory.
void launch_remainders(const remainder_piece* pieces, std::uint32_t count, std::uint32_t units,
                       const box_dimension* dimensions, std::uint32_t* answers,
                       cudaStream_t stream);

}  // namespace warmstart::detail

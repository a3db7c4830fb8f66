#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>

#include "base/units.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {

/// What `backend::remainders` answers, computed where the bytes are: on the current device, whose
/// number is `index`. Waits for the stream.
void compute_remainders(std::span<const remainder_command> commands,
                        std::span<std::uint32_t> answers, int index, cudaStream_t stream);

/// The checksum of runs as the kernel reads it.
struct remainder_piece {
  std::uint64_t data = 0;  ///< address of the first run
  std::int64_t run_bytes = 0;
  std::int64_t runs = 1;
  std::int64_t following_bytes = 0;   ///< of the message after the first run
  std::uint32_t first_unit = 0;       ///< units of the pieces before it: what warps share out
  std::uint32_t first_dimension = 0;  ///< of its loops
  std::uint32_t dimension_count = 0;
};

/// Runs that are shorter are taken by a lane each, longer ones by warps, in segments.
inline constexpr std::int64_t min_warp_run_bytes = 1024;
inline constexpr std::int64_t segment_bytes = 32 * kibibyte;

[[nodiscard]] constexpr std::int64_t segments_of_run(const remainder_piece& piece) noexcept {
  return (piece.run_bytes + segment_bytes - 1) / segment_bytes;
}
[[nodiscard]] constexpr std::int64_t units_of(const remainder_piece& piece) noexcept {
  if (piece.run_bytes < min_warp_run_bytes) return (piece.runs + 31) / 32;
  return piece.runs * segments_of_run(piece);
}

/// Queues the kernel: adds to `answers`, one for each piece. All memory is the device's.
void launch_remainders(const remainder_piece* pieces, std::uint32_t count, std::uint32_t units,
                       const box_dimension* dimensions, std::uint32_t* answers,
                       cudaStream_t stream);

}  // namespace warmstart::detail

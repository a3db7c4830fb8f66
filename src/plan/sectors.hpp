#pragma once

#include <cstdint>
#include <span>

#include "tensor/box.hpp"

namespace warmstart::detail {

/// Size of the aligned units in which devices read host memory.
inline constexpr std::int64_t sector_bytes = 32;

/// Number of sectors that contain bytes of a strided source, each counted once. Runs of `run_bytes`
/// > 0 start at `begin_bytes`, relative to an aligned address; `dimensions` are the loops around
/// them, with strides in bytes.
[[nodiscard]] std::int64_t sectors_read(std::int64_t begin_bytes, std::int64_t run_bytes,
                                        std::span<const box_dimension> dimensions);

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <span>

#include "tensor/box.hpp"

namespace warmstart::detail {

/// Devices read host memory in aligned pieces of this size.
inline constexpr std::int64_t sector_bytes = 32;

/// How many sectors hold bytes of a strided source: runs of `run_bytes` > 0 that begin at
/// `begin_bytes`, itself counted from an aligned address, with loops around them as a `box` has
/// them, strides in bytes. Each sector counts once.
[[nodiscard]] std::int64_t sectors_read(std::int64_t begin_bytes, std::int64_t run_bytes,
                                        std::span<const box_dimension> dimensions);

}  // namespace warmstart::detail

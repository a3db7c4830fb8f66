#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "warmstart/shape.hpp"

namespace warmstart::detail {

/// The highest rank that a tensor can have here; formats may allow more.
inline constexpr int MAX_STORED_RANK = 254;

/// Makes a shape from sizes in a file. Nothing if a size, or the product of `element_bytes` and all
/// sizes but zeros, does not fit into an int64 (specification 0).
[[nodiscard]] std::optional<shape> stored_shape(std::span<const std::uint64_t> sizes,
                                                std::size_t element_bytes);

}  // namespace warmstart::detail

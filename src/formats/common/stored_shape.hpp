#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "warmstart/shape.hpp"

namespace warmstart::detail {

/// Dimensions that a tensor can have; formats may allow more.
inline constexpr int MAX_STORED_RANK = 254;

/// A shape whose sizes come from a file. Nothing where one of them, or the bytes of those that are
/// not 0, are more than an int64 holds (specification 0).
[[nodiscard]] std::optional<shape> stored_shape(std::span<const std::uint64_t> sizes,
                                                std::size_t element_bytes);

}  // namespace warmstart::detail

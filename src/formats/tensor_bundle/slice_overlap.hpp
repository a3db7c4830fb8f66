#pragma once

#include <optional>
#include <span>
#include <utility>

#include "warmstart/slice.hpp"

namespace warmstart {

/// Two of the explicit slices of one tensor that have elements in common, if there are any. About
/// n log n for slices along one dimension.
[[nodiscard]] std::optional<std::pair<slice, slice>> find_overlap(std::span<const slice> slices);

}  // namespace warmstart

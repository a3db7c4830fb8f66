#pragma once

#include <cstdint>
#include <span>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// Number of elements that at least one of the explicit slices of a tensor contains. Takes a sort
/// if each slice is cut along a single axis, which may differ; for n other slices of d dimensions
/// about n^max(1, d/2) steps. `*examined`, for tests, receives the number of examined slices and
/// parts of slices.
[[nodiscard]] std::int64_t union_element_count(std::span<const slice> slices,
                                               std::int64_t* examined = nullptr);

}  // namespace warmstart::detail

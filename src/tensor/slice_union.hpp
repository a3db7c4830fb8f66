#pragma once

#include <cstdint>
#include <span>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// How many elements at least one of the explicit slices (of one tensor) contains. For slices that
/// are cut along one axis each, whichever it is, a sort; for n others of d dimensions about
/// n^max(1, d/2) steps. `*examined`, for tests, counts the slices, or parts of them, looked at.
[[nodiscard]] std::int64_t union_element_count(std::span<const slice> slices,
                                               std::int64_t* examined = nullptr);

}  // namespace warmstart::detail

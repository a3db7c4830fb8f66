#pragma once

#include <optional>
#include <span>
#include <utility>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

struct slice_overlap {
  std::optional<std::pair<slice, slice>> pair;  ///< two that have elements in common
  bool given_up = false;  ///< none was found, but not all could be compared in the time allowed
};

/// Whether some of the explicit slices of one tensor overlap. About n log n for slices that cuts
/// through the whole tensor, one after another, tell apart, as all real ones; a few thousand may
/// lie in any way.
[[nodiscard]] slice_overlap find_overlap(std::span<const slice> slices);

}  // namespace warmstart::detail

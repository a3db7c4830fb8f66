#pragma once

#include <optional>
#include <span>
#include <utility>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

struct slice_overlap {
  std::optional<std::pair<slice, slice>> pair;  ///< two slices that overlap
  bool given_up = false;  ///< found none before the limit on comparisons was reached
};

/// Finds two overlapping slices among the explicit slices of one tensor. Takes about n log n steps
/// if straight cuts through the whole tensor separate the slices, as in all real checkpoints. A few
/// thousand slices may be arranged in any way.
[[nodiscard]] slice_overlap find_overlap(std::span<const slice> slices);

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <vector>

#include "tensor/box.hpp"

namespace warmstart::detail {

/// Indices [begin, end) of a dimension of `size`, and where they lie in memory.
struct axis {
  std::int64_t size = 1;
  std::int64_t begin = 0;
  std::int64_t end = 1;
  std::int64_t position = 0;  ///< of `begin`, in elements
  std::int64_t stride = 0;

  [[nodiscard]] std::int64_t count() const noexcept { return end - begin; }
  [[nodiscard]] std::int64_t at(std::int64_t index) const noexcept {
    return position + (index - begin) * stride;
  }
};

/// Some of the elements that two lists of axes have in common: the loops of a box, in any order.
struct patch {
  std::int64_t source = 0;
  std::int64_t destination = 0;
  std::vector<box_dimension> loops = {};
};

/// Appends what the elements of two lists of dimensions, counted row-major, have in common. Both
/// have as many in all. One patch where the pattern is regular; else one for each line of the list
/// that has fewer, or a few.
void match(std::vector<axis> source, std::vector<axis> destination, std::vector<patch>& into);

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <vector>

#include "tensor/box.hpp"

namespace warmstart::detail {

/// Indices [begin, end) of a dimension of size `size`, and their positions in memory.
struct axis {
  std::int64_t size = 1;
  std::int64_t begin = 0;
  std::int64_t end = 1;
  std::int64_t position = 0;  ///< position of index `begin`, in elements
  std::int64_t stride = 0;

  [[nodiscard]] std::int64_t count() const noexcept { return end - begin; }
  [[nodiscard]] std::int64_t at(std::int64_t index) const noexcept {
    return position + (index - begin) * stride;
  }
};

/// Elements that two lists of axes have in common, as the loops of a box in any order.
struct patch {
  std::int64_t source = 0;
  std::int64_t destination = 0;
  std::vector<box_dimension> loops = {};
};

/// Appends the elements that two lists of axes have in common. Both lists have the same total
/// number of elements, which correspond in row-major order. Results in one patch if the pattern is
/// regular, else in one or a few patches per line of the list that has fewer lines.
void match(std::vector<axis> source, std::vector<axis> destination, std::vector<patch>& into);

}  // namespace warmstart::detail

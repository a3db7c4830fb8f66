#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// One loop of a strided copy. Strides are in elements where a `box` is planned, and in bytes where
/// it is executed.
struct box_dimension {
  std::int64_t count = 1;
  std::int64_t source_stride = 0;
  std::int64_t destination_stride = 0;

  friend bool operator==(const box_dimension&, const box_dimension&) = default;
};

/// Elements that go from one strided array to another, as loops around a contiguous run:
///
///     for each index of dimensions:    source + index · source_stride .. + run
///                                 → destination + index · destination_stride .. + run
///
/// All in elements. Collapsed: no dimension of count 1, and none that could be part of the run.
/// Source strides are not negative and descend. Where the source repeats elements, a stride is 0 or
/// shorter than what lies within it; where it does not, outer indices come later.
struct box {
  std::int64_t source = 0;
  std::int64_t destination = 0;
  std::int64_t run = 0;
  std::vector<box_dimension> dimensions;  ///< outermost first

  [[nodiscard]] bool contiguous() const noexcept { return dimensions.empty(); }
  [[nodiscard]] std::int64_t element_count() const noexcept;
  /// One past the last source element.
  [[nodiscard]] std::int64_t source_end() const noexcept;

  friend bool operator==(const box&, const box&) = default;
};

/// Calls `visit(source, destination)` with the positions of every run, in source order.
template <class Visit>
void for_each_run(const box& whole, const Visit& visit) {
  const auto walk = [&](const auto& self, std::size_t loop, std::int64_t source,
                        std::int64_t destination) -> void {
    if (loop == whole.dimensions.size()) {
      visit(source, destination);
      return;
    }
    const box_dimension& d = whole.dimensions[loop];
    for (std::int64_t i = 0; i < d.count; ++i) {
      self(self, loop + 1, source + i * d.source_stride, destination + i * d.destination_stride);
    }
  };
  walk(walk, 0, whole.source, whole.destination);
}

/// Loops around single elements, whatever their order and counts (>= 1), as a box.
[[nodiscard]] box make_box(std::int64_t source, std::int64_t destination,
                           std::vector<box_dimension> loops);

/// What a dense row-major array holding slice `source` of a tensor has for one holding slice
/// `destination` of it, both explicit. `common` is their intersection, and not empty.
[[nodiscard]] box make_box(const slice& source, const slice& destination, const slice& common);

/// Appends the boxes that make up the part of `whole` whose source elements lie in [begin, end). If
/// no element is repeated, at most 2 · dimensions + 1 of them, in source order.
void clip(const box& whole, std::int64_t begin, std::int64_t end, std::vector<box>& into);

/// Half-open range of elements or bytes.
struct span_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  friend bool operator==(const span_range&, const span_range&) = default;
};

/// Appends the source ranges of a box, joining those that are `max_gap` elements apart or less: in
/// order and disjoint, if no element is repeated.
void source_ranges(const box& whole, std::int64_t max_gap, std::vector<span_range>& into);

}  // namespace warmstart::detail

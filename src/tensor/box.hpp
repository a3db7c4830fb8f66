#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// One loop of a strided copy. Strides are in elements in plans (`box`), and in bytes in commands.
struct box_dimension {
  std::int64_t count = 1;
  std::int64_t source_stride = 0;
  std::int64_t destination_stride = 0;

  friend bool operator==(const box_dimension&, const box_dimension&) = default;
};

/// A copy from one strided array to another, as loops around a contiguous run:
///
///     for each index of dimensions:    source + index · source_stride .. + run
///                                 → destination + index · destination_stride .. + run
///
/// All values are in elements. Boxes are collapsed: no dimension has count 1 or could be part of
/// the run. Source strides are non-negative and descending. If the source repeats elements, a
/// stride is 0 or smaller than the span of the loops inside it; otherwise source positions ascend
/// with the outer indices.
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

/// Makes a box of loops around single elements, in any order and with any counts >= 1.
[[nodiscard]] box make_box(std::int64_t source, std::int64_t destination,
                           std::vector<box_dimension> loops);

/// The copy from a dense row-major array that holds slice `source` of a tensor to one that holds
/// slice `destination`, both explicit. `common` is their intersection and must not be empty.
[[nodiscard]] box make_box(const slice& source, const slice& destination, const slice& common);

/// Appends boxes for the part of `whole` whose source elements are in [begin, end). If no element
/// is repeated, appends at most 2 · dimensions + 1 boxes, in source order.
void clip(const box& whole, std::int64_t begin, std::int64_t end, std::vector<box>& into);

/// Half-open range of elements or bytes: [begin, end).
struct span_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  friend bool operator==(const span_range&, const span_range&) = default;
};

/// Appends the source ranges of a box and joins ranges that are at most `max_gap` elements apart.
/// The ranges are sorted and disjoint if no element is repeated.
void source_ranges(const box& whole, std::int64_t max_gap, std::vector<span_range>& into);

}  // namespace warmstart::detail

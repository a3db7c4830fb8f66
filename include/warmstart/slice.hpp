#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/export.hpp"
#include "warmstart/shape.hpp"

namespace warmstart {

/// One dimension of a slice: [start, start + length). Start 0 with length -1 is a full extent: the
/// whole dimension.
struct slice_extent {
  std::int64_t start = 0;
  std::int64_t length = -1;

  [[nodiscard]] bool full() const noexcept { return start == 0 && length == -1; }
  friend bool operator==(const slice_extent&, const slice_extent&) = default;
};

/// A box within a tensor: one half-open extent per dimension. The text form is TensorFlow's, as in
/// `0,10:-:14,1`: "start,length" for each dimension, "-" for a full extent.
///
/// A slice without full extents is *explicit*; `within` returns the explicit form. Only explicit
/// slices have a shape.
class WARMSTART_EXPORT slice {
 public:
  slice() = default;
  explicit slice(std::vector<slice_extent> extents) : extents_(std::move(extents)) {}

  /// The explicit slice that covers all of `whole`.
  [[nodiscard]] static slice all_of(const shape& whole);
  /// Parses the text form. Every dimension is "-" or a non-negative start and a positive length;
  /// otherwise throws `invalid_argument`.
  [[nodiscard]] static slice parse(std::string_view text);

  [[nodiscard]] int rank() const noexcept { return static_cast<int>(extents_.size()); }
  [[nodiscard]] const slice_extent& operator[](int dimension) const noexcept {
    return extents_[static_cast<std::size_t>(dimension)];
  }
  [[nodiscard]] const std::vector<slice_extent>& extents() const noexcept { return extents_; }

  /// The explicit form of this slice for a tensor of shape `whole`. Throws `mismatch` if the ranks
  /// differ or the slice exceeds the shape.
  [[nodiscard]] slice within(const shape& whole) const;
  /// True if the slice, explicit or not, covers exactly `whole`.
  [[nodiscard]] bool covers(const shape& whole) const;
  /// The lengths of all dimensions. Requires an explicit slice.
  [[nodiscard]] shape lengths() const;

  friend bool operator==(const slice&, const slice&) = default;

 private:
  std::vector<slice_extent> extents_;
};

/// The intersection of two slices of one tensor; nothing if it is empty or the ranks differ.
/// Scalars (rank 0) always intersect. A full extent yields the other slice's extent.
[[nodiscard]] WARMSTART_EXPORT std::optional<slice> intersection(const slice& a, const slice& b);

[[nodiscard]] WARMSTART_EXPORT std::string to_string(const slice& s);

}  // namespace warmstart

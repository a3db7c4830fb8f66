#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/export.hpp"
#include "warmstart/shape.hpp"

namespace warmstart {

/// One dimension of a slice: [start, start + length). A length of -1 with start 0 means all of it.
struct slice_extent {
  std::int64_t start = 0;
  std::int64_t length = -1;

  [[nodiscard]] bool full() const noexcept { return start == 0 && length == -1; }
  friend bool operator==(const slice_extent&, const slice_extent&) = default;
};

/// A box within a tensor: one extent per dimension, half open. The text form is TensorFlow's,
/// `0,10:-:14,1`: "start,length" per dimension, "-" for a full one.
///
/// A slice in which every length is given is *explicit*; `within` makes it so. Only explicit slices
/// have a shape.
class WARMSTART_EXPORT slice {
 public:
  slice() = default;
  explicit slice(std::vector<slice_extent> extents) : extents_(std::move(extents)) {}

  /// The explicit slice that covers all of `whole`.
  [[nodiscard]] static slice all_of(const shape& whole);
  /// Reads the text form. Throws `invalid_argument` for anything but "-" or a non-negative start
  /// and a positive length.
  [[nodiscard]] static slice parse(std::string_view text);

  [[nodiscard]] int rank() const noexcept { return static_cast<int>(extents_.size()); }
  [[nodiscard]] const slice_extent& operator[](int dimension) const noexcept {
    return extents_[static_cast<std::size_t>(dimension)];
  }
  [[nodiscard]] const std::vector<slice_extent>& extents() const noexcept { return extents_; }

  /// This slice with full extents spelled out for a tensor of that shape. Throws `mismatch` if the
  /// ranks differ or the slice leaves the shape.
  [[nodiscard]] slice within(const shape& whole) const;
  /// True if it fits and covers all of `whole`, however it is spelled.
  [[nodiscard]] bool covers(const shape& whole) const;
  /// The lengths. Requires an explicit slice.
  [[nodiscard]] shape lengths() const;

  friend bool operator==(const slice&, const slice&) = default;

 private:
  std::vector<slice_extent> extents_;
};

/// What two slices of one tensor have in common; nothing if that is empty or the ranks differ.
/// Scalars (rank 0) always intersect. A full extent gives way to the other's.
[[nodiscard]] WARMSTART_EXPORT std::optional<slice> intersection(const slice& a, const slice& b);

[[nodiscard]] WARMSTART_EXPORT std::string to_string(const slice& s);

}  // namespace warmstart

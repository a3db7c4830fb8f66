#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace warmstart::detail {

/// Consecutive new indices of a dimension that map to consecutive old indices.
struct index_run {
  std::int64_t begin = 0;
  std::int64_t count = 0;
  std::int64_t old_begin = 0;  ///< negative: unmapped

  [[nodiscard]] std::int64_t end() const noexcept { return begin + count; }
  friend bool operator==(const index_run&, const index_run&) = default;
};

/// A map from new to old indices of a dimension, stored as runs.
class index_remap {
 public:
  /// `old_of_new` contains the old index of each new one, or -1 if it is unmapped. Throws
  /// `invalid_argument` for smaller numbers.
  explicit index_remap(std::span<const std::int64_t> old_of_new);

  /// Number of new indices in the list.
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  /// One past the largest old index.
  [[nodiscard]] std::int64_t old_end() const noexcept { return old_end_; }
  /// Whether an old index occurs more than once.
  [[nodiscard]] bool repeats() const noexcept { return repeats_; }
  /// The runs of the new indices [begin, end). Indices from `size()` on are unmapped.
  [[nodiscard]] std::vector<index_run> runs(std::int64_t begin, std::int64_t end) const;

 private:
  std::vector<index_run> runs_;
  std::int64_t size_ = 0;
  std::int64_t old_end_ = 0;
  bool repeats_ = false;
};

}  // namespace warmstart::detail

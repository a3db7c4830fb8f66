#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace warmstart::detail {

/// Consecutive indices of a dimension that come from consecutive ones.
struct index_run {
  std::int64_t begin = 0;
  std::int64_t count = 0;
  std::int64_t old_begin = 0;  ///< < 0: there are no old ones for them

  [[nodiscard]] std::int64_t end() const noexcept { return begin + count; }
  friend bool operator==(const index_run&, const index_run&) = default;
};

/// Which old index each new index of a dimension takes, as runs.
class index_remap {
 public:
  /// The old index of each new one, -1 where there is none. Throws `invalid_argument` for others
  /// below 0.
  explicit index_remap(std::span<const std::int64_t> old_of_new);

  /// How many new indices are told of.
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  /// One past the largest old index.
  [[nodiscard]] std::int64_t old_end() const noexcept { return old_end_; }
  /// Some old index is taken more than once.
  [[nodiscard]] bool repeats() const noexcept { return repeats_; }
  /// What makes up the new indices [begin, end). None from `size()` on are told of: they have no
  /// old ones.
  [[nodiscard]] std::vector<index_run> runs(std::int64_t begin, std::int64_t end) const;

 private:
  std::vector<index_run> runs_;
  std::int64_t size_ = 0;
  std::int64_t old_end_ = 0;
  bool repeats_ = false;
};

}  // namespace warmstart::detail

#include "formats/common/slice_overlap.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace warmstart::detail {
namespace {

/// How many comparisons of dimensions one tensor may cost: linear in the number of slices, so that
/// a hostile index cannot cost more, plus enough for thousands of slices in any arrangement.
std::int64_t allowance(std::span<const slice> slices) {
  constexpr std::int64_t FOR_EACH = 64;
  constexpr std::int64_t FOR_ALL = 4'000'000;
  return FOR_EACH * static_cast<std::int64_t>(slices.size()) * slices.front().rank() + FOR_ALL;
}

/// Divides the slices into disjoint groups until each group is a single slice:
///
///     ┌──┬─────┐     cuts along one dimension wherever no slice crosses the cut, then cuts each
///     │  ├──┬──┤     group along the next dimension
///     │  │  │  │
///     └──┴──┴──┘
///
/// Every usual way to save a variable in parts can be cut like this. In other groups, slices are
/// compared pair by pair.
class overlap_finder {
 public:
  explicit overlap_finder(std::span<const slice> slices)
      : slices_(slices), left_(allowance(slices)) {}

  slice_overlap find() {
    order_.resize(slices_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    groups_.push_back({.begin = 0, .end = order_.size(), .dimension = 0, .tried = 0});
    while (!groups_.empty() && !found_ && left_ >= 0) {
      const group next = groups_.back();
      groups_.pop_back();
      if (next.end - next.begin < 2) continue;
      if (next.tried == slices_.front().rank()) {
        compare(next);
      } else {
        cut(next);
      }
    }
    return {.pair = found_, .given_up = !found_ && left_ < 0};
  }

 private:
  /// Positions [begin, end) of `order_`, and the dimension to cut along.
  struct group {
    std::size_t begin = 0;
    std::size_t end = 0;
    int dimension = 0;
    int tried = 0;  ///< consecutive dimensions without a cut
  };

  void cut(const group& whole) {
    const int d = whole.dimension;
    left_ -= static_cast<std::int64_t>(whole.end - whole.begin);
    const auto at = [&](std::size_t i) -> const slice_extent& { return slices_[order_[i]][d]; };
    std::sort(
        order_.begin() + static_cast<std::ptrdiff_t>(whole.begin),
        order_.begin() + static_cast<std::ptrdiff_t>(whole.end),
        [&](std::size_t a, std::size_t b) { return slices_[a][d].start < slices_[b][d].start; });
    const int next = (d + 1) % slices_.front().rank();
    std::size_t begin = whole.begin;
    std::int64_t reach = at(begin).start + at(begin).length;
    for (std::size_t i = begin + 1; i < whole.end; ++i) {
      if (at(i).start >= reach) {
        groups_.push_back({.begin = begin, .end = i, .dimension = next, .tried = 0});
        begin = i;
      }
      reach = std::max(reach, at(i).start + at(i).length);
    }
    const int tried = begin == whole.begin ? whole.tried + 1 : 0;
    groups_.push_back({.begin = begin, .end = whole.end, .dimension = next, .tried = tried});
  }

  void compare(const group& whole) {
    for (std::size_t i = whole.begin; i < whole.end && left_ >= 0; ++i) {
      for (std::size_t j = i + 1; j < whole.end && left_ >= 0; ++j) {
        if (!overlap(slices_[order_[i]], slices_[order_[j]])) continue;
        found_ = {slices_[std::min(order_[i], order_[j])], slices_[std::max(order_[i], order_[j])]};
        return;
      }
    }
  }

  bool overlap(const slice& a, const slice& b) {
    for (int d = 0; d < a.rank(); ++d) {
      --left_;
      if (a[d].start + a[d].length <= b[d].start || b[d].start + b[d].length <= a[d].start) {
        return false;
      }
    }
    return true;
  }

  std::span<const slice> slices_;
  std::int64_t left_;
  std::vector<std::size_t> order_;
  std::vector<group> groups_;
  std::optional<std::pair<slice, slice>> found_;
};

}  // namespace

slice_overlap find_overlap(std::span<const slice> slices) {
  if (slices.size() < 2) return {};
  if (slices.front().rank() == 0) return {.pair = std::pair(slices[0], slices[1])};
  return overlap_finder(slices).find();
}

}  // namespace warmstart::detail

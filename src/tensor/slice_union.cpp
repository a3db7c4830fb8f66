#include "tensor/slice_union.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "tensor/box.hpp"

// Chan, "Klee's measure problem made easy" (2013): slices that span a cell in all dimensions except
// one are removed from it, and the rest of the cell is cut in two.

namespace warmstart::detail {
namespace {

using cell_ranges = std::vector<span_range>;  // by dimension

/// Many lists of ranges of the same rank (> 0), in one array.
class range_lists {
 public:
  explicit range_lists(std::size_t rank) : rank_(rank) {}
  [[nodiscard]] std::size_t rank() const { return rank_; }
  [[nodiscard]] std::size_t size() const { return all_.size() / rank_; }
  [[nodiscard]] std::span<span_range> operator[](std::size_t i) {
    return std::span(all_).subspan(i * rank_, rank_);
  }
  void add(std::span<const span_range> one) { all_.insert(all_.end(), one.begin(), one.end()); }
  void keep(std::size_t from, std::size_t to) {
    if (from != to) std::ranges::copy((*this)[from], (*this)[to].begin());
  }
  void shorten(std::size_t size) { all_.resize(size * rank_); }

 private:
  std::size_t rank_;
  std::vector<span_range> all_;
};

std::int64_t cell_volume(const cell_ranges& cell) {
  std::int64_t elements = 1;
  for (const span_range& one : cell) elements *= one.end - one.begin;
  return elements;
}

constexpr std::size_t SEVERAL_DIMENSIONS = SIZE_MAX - 1;
constexpr std::size_t NO_DIMENSION = SIZE_MAX;

// The only dimension in which a slice does not span the cell.
std::size_t short_dimension(std::span<const span_range> one, const cell_ranges& cell) {
  std::size_t found = NO_DIMENSION;
  for (std::size_t d = 0; d < cell.size(); ++d) {
    if (one[d].begin <= cell[d].begin && one[d].end >= cell[d].end) continue;
    if (found != NO_DIMENSION) return SEVERAL_DIMENSIONS;
    found = d;
  }
  return found;
}

/// Ranges that are removed from a dimension, and the new positions of the indices after them.
class removed_ranges {
 public:
  void add(const span_range& one) { all_.push_back({.taken = one, .before = 0}); }
  [[nodiscard]] bool empty() const { return all_.empty(); }

  void merge() {
    std::ranges::sort(all_, {}, [](const entry& one) { return one.taken.begin; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < all_.size(); ++i) {
      if (all_[i].taken.begin <= all_[last].taken.end) {
        all_[last].taken.end = std::max(all_[last].taken.end, all_[i].taken.end);
      } else {
        all_[++last] = all_[i];
        const entry& previous = all_[last - 1];
        all_[last].before = previous.before + previous.taken.end - previous.taken.begin;
      }
    }
    all_.resize(last + 1);
  }
  [[nodiscard]] std::int64_t moved(std::int64_t position) const {
    const auto behind = std::ranges::upper_bound(all_, position, {},
                                                 [](const entry& one) { return one.taken.begin; });
    if (behind == all_.begin()) return position;
    const entry& last = *(behind - 1);
    return position - last.before - (std::min(position, last.taken.end) - last.taken.begin);
  }
  [[nodiscard]] span_range moved(const span_range& one) const {
    return {.begin = moved(one.begin), .end = moved(one.end)};
  }

 private:
  struct entry {
    span_range taken;
    std::int64_t before;  ///< total length of the removed ranges before this one
  };
  std::vector<entry> all_;
};

class union_counter {
 public:
  /// Number of elements of a cell that no slice contains. Slices are non-empty and within the cell.
  std::int64_t uncovered(cell_ranges cell, range_lists slices) {
    examined += static_cast<std::int64_t>(slices.size());
    std::vector<removed_ranges> removed(cell.size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      const std::size_t dimension = short_dimension(slices[i], cell);
      if (dimension == NO_DIMENSION) return 0;
      if (dimension == SEVERAL_DIMENSIONS) {
        slices.keep(i, kept++);
      } else {
        removed[dimension].add(slices[i][dimension]);
      }
    }
    slices.shorten(kept);
    for (std::size_t d = 0; d < cell.size(); ++d) {
      if (!removed[d].empty()) take_out(removed[d], d, cell, slices);
    }
    if (slices.size() == 0 || cell_volume(cell) == 0) return cell_volume(cell);
    return cut_in_two(cell, slices);
  }

  std::int64_t examined = 0;

 private:
  static void take_out(removed_ranges& removed, std::size_t dimension, cell_ranges& cell,
                       range_lists& slices) {
    removed.merge();
    cell[dimension] = removed.moved(cell[dimension]);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      span_range& one = slices[i][dimension];
      one = removed.moved(one);
      if (one.begin < one.end) slices.keep(i, kept++);
    }
    slices.shorten(kept);
  }

  // Cuts the dimension in which the most slices start or end within the cell, at the median.
  std::int64_t cut_in_two(const cell_ranges& cell, range_lists& slices) {
    std::vector<std::int64_t> most;
    std::size_t dimension = 0;
    for (std::size_t d = 0; d < cell.size(); ++d) {
      std::vector<std::int64_t> ends;
      for (std::size_t i = 0; i < slices.size(); ++i) {
        for (const std::int64_t end : {slices[i][d].begin, slices[i][d].end}) {
          if (end > cell[d].begin && end < cell[d].end) ends.push_back(end);
        }
      }
      if (ends.size() <= most.size()) continue;
      most = std::move(ends);
      dimension = d;
    }
    if (most.empty()) return 0;  // the slices cover the rest of the cell
    const auto middle = most.begin() + static_cast<std::ptrdiff_t>(most.size() / 2);
    std::nth_element(most.begin(), middle, most.end());
    const span_range whole = cell[dimension];
    return uncovered_part(cell, slices, dimension, {.begin = whole.begin, .end = *middle}) +
           uncovered_part(cell, slices, dimension, {.begin = *middle, .end = whole.end});
  }

  std::int64_t uncovered_part(cell_ranges cell, range_lists& slices, std::size_t dimension,
                              const span_range& part) {
    cell[dimension] = part;
    range_lists within(slices.rank());
    for (std::size_t i = 0; i < slices.size(); ++i) {
      const span_range& one = slices[i][dimension];
      const span_range common{.begin = std::max(one.begin, part.begin),
                              .end = std::min(one.end, part.end)};
      if (common.begin >= common.end) continue;
      within.add(slices[i]);
      within[within.size() - 1][dimension] = common;
    }
    return uncovered(std::move(cell), std::move(within));
  }
};

}  // namespace

std::int64_t union_element_count(std::span<const slice> slices, std::int64_t* examined) {
  if (slices.empty()) return 0;
  const auto rank = static_cast<std::size_t>(slices.front().rank());
  if (rank == 0) return 1;
  range_lists all(rank);
  cell_ranges cell;
  for (const slice& one : slices) {
    if (one.lengths().element_count() == 0) continue;
    cell_ranges place;
    for (const slice_extent& e : one.extents()) {
      place.push_back({.begin = e.start, .end = e.start + e.length});
    }
    all.add(place);
    if (cell.empty()) cell = place;
    for (std::size_t d = 0; d < rank; ++d) {
      cell[d] = {.begin = std::min(cell[d].begin, place[d].begin),
                 .end = std::max(cell[d].end, place[d].end)};
    }
  }
  if (cell.empty()) return 0;
  union_counter counter;
  const std::int64_t count = cell_volume(cell) - counter.uncovered(cell, std::move(all));
  if (examined != nullptr) *examined = counter.examined;
  return count;
}

}  // namespace warmstart::detail

#include "tensor/axes.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace warmstart::detail {
namespace {

void add_loop(std::vector<box_dimension>& loops, std::int64_t count, std::int64_t source,
              std::int64_t destination) {
  if (count > 1) loops.push_back({count, source, destination});
}

// Merges each axis with the next one if together they form one regular axis.
std::vector<axis> merged(std::vector<axis> axes) {
  for (std::size_t i = axes.size(); i > 1; --i) {
    axis& outer = axes[i - 2];
    const axis& inner = axes[i - 1];
    if (inner.count() != inner.size ||
        (outer.count() > 1 && outer.stride != inner.stride * inner.size)) {
      continue;
    }
    outer = {.size = outer.size * inner.size,
             .begin = outer.begin * inner.size,
             .end = outer.end * inner.size,
             .position = outer.position + inner.position,
             .stride = inner.stride};
    axes.erase(axes.begin() + static_cast<std::ptrdiff_t>(i - 1));
  }
  if (axes.empty()) axes.emplace_back();
  return axes;
}

// Splits elements [begin, end) of the dimensions, in row-major order, into boxes, and calls
// `visit(chosen)` for each with one range of indices per dimension. Starts at dimension `d`; ranges
// of earlier dimensions are already chosen.
template <class Visit>
void split_range(std::span<const axis> axes, std::size_t d, std::int64_t begin, std::int64_t end,
                 std::vector<span_range>& chosen, const Visit& visit) {
  if (d == axes.size()) return visit(chosen);
  std::int64_t inner = 1;
  for (const axis& later : axes.subspan(d + 1)) inner *= later.size;
  const auto choose = [&](span_range indices, std::int64_t from, std::int64_t to) {
    chosen[d] = indices;
    split_range(axes, d + 1, from, to, chosen, visit);
  };
  std::int64_t first = begin / inner;
  const std::int64_t last = end / inner;  // index of the cut row, or one past the range
  if (begin % inner != 0) {
    choose({first, first + 1}, begin % inner, std::min(end - first * inner, inner));
    if (first == last) return;
    ++first;
  }
  if (first < last) choose({first, last}, 0, inner);
  if (end % inner != 0) choose({last, last + 1}, 0, end % inner);
}

/// Elements [begin, end) of one side, in row-major order, at a constant stride.
struct line {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t position = 0;  ///< position of element `begin`
  std::int64_t stride = 0;
};

// Calls `visit(line)` for every index of all axes except the last.
template <class Visit>
void for_each_line(std::span<const axis> axes, std::int64_t first, std::int64_t position,
                   const Visit& visit) {
  const axis& here = axes.front();
  if (axes.size() == 1) {
    return visit(line{.begin = first * here.size + here.begin,
                      .end = first * here.size + here.end,
                      .position = position + here.position,
                      .stride = here.stride});
  }
  for (std::int64_t i = here.begin; i < here.end; ++i) {
    for_each_line(axes.subspan(1), first * here.size + i, position + here.at(i), visit);
  }
}

std::int64_t line_count(std::span<const axis> axes) {
  std::int64_t count = 1;
  for (const axis& outer : axes.first(axes.size() - 1)) count *= outer.count();
  return count;
}

// Appends the elements that a line shares with the axes. `flipped`: the line is on the
// destination's side.
void match_line(const line& one, std::span<const axis> axes, bool flipped,
                std::vector<patch>& into) {
  std::vector<span_range> chosen(axes.size());
  split_range(axes, 0, one.begin, one.end, chosen, [&](const std::vector<span_range>& ranges) {
    patch made;
    std::int64_t in_line = 0;  // row-major index of the first element
    std::int64_t position = 0;
    for (std::size_t d = 0; d < axes.size(); ++d) {
      const std::int64_t begin = std::max(ranges[d].begin, axes[d].begin);
      if (begin >= std::min(ranges[d].end, axes[d].end)) return;
      in_line = in_line * axes[d].size + begin;
      position += axes[d].at(begin);
    }
    std::int64_t step = one.stride;
    for (std::size_t d = axes.size(); d > 0; --d) {
      const axis& dimension = axes[d - 1];
      const std::int64_t count = std::min(ranges[d - 1].end, dimension.end) -
                                 std::max(ranges[d - 1].begin, dimension.begin);
      add_loop(made.loops, count, flipped ? dimension.stride : step,
               flipped ? step : dimension.stride);
      step *= dimension.size;
    }
    std::reverse(made.loops.begin(), made.loops.end());
    made.source = one.position + (in_line - one.begin) * one.stride;
    made.destination = position;
    if (flipped) std::swap(made.source, made.destination);
    into.push_back(std::move(made));
  });
}

}  // namespace

void match(std::vector<axis> source, std::vector<axis> destination, std::vector<patch>& into) {
  if (source.size() == 1 && destination.size() == 1) {
    const std::int64_t begin = std::max(source[0].begin, destination[0].begin);
    const std::int64_t end = std::min(source[0].end, destination[0].end);
    if (begin >= end) return;
    patch made{.source = source[0].at(begin), .destination = destination[0].at(begin)};
    add_loop(made.loops, end - begin, source[0].stride, destination[0].stride);
    into.push_back(std::move(made));
    return;
  }
  source = merged(std::move(source));
  destination = merged(std::move(destination));
  const bool flipped = line_count(destination) < line_count(source);
  for_each_line(flipped ? destination : source, 0, 0, [&](const line& one) {
    match_line(one, flipped ? source : destination, flipped, into);
  });
}

}  // namespace warmstart::detail

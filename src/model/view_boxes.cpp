// Converts the steps of a view into copies of stored elements.

#include <algorithm>
#include <span>
#include <utility>

#include "model/view.hpp"
#include "tensor/axes.hpp"

namespace warmstart::detail {
namespace {

/// A dimension of a reshape's result: one axis, or one axis per run if the dimension is remapped.
using runs_of_axis = std::vector<axis>;

/// A minimal group of consecutive dimensions before and after a reshape with the same number of
/// elements.
struct group {
  std::vector<axis> source;
  std::vector<runs_of_axis> destination;

  [[nodiscard]] std::vector<patch> patches() const {
    std::vector<patch> made;
    std::vector<axis> one;
    const auto choose = [&](const auto& self, std::size_t d) -> void {
      if (d == destination.size()) return match(source, one, made);
      for (const axis& run : destination[d]) {
        one.push_back(run);
        self(self, d + 1);
        one.pop_back();
      }
    };
    choose(choose, 0);
    return made;
  }
};

std::vector<group> make_groups(const std::vector<axis>& source,
                               std::vector<runs_of_axis> destination) {
  std::vector<group> groups;
  std::size_t s = 0;
  std::size_t d = 0;
  while (s < source.size() || d < destination.size()) {
    group made;
    std::int64_t before = 1;
    std::int64_t behind = 1;
    const auto take_source = [&] {
      before *= source[s].size;
      made.source.push_back(source[s++]);
    };
    const auto take_destination = [&] {
      behind *= destination[d].front().size;
      made.destination.push_back(std::move(destination[d++]));
    };
    if (s < source.size()) take_source();
    if (d < destination.size()) take_destination();
    while (before != behind) before < behind ? take_source() : take_destination();
    groups.push_back(std::move(made));
  }
  return groups;
}

// The piece's elements within the view's slice, relative to that slice; empty if `end` <= `begin`.
std::vector<axis> source_axes(const stored_piece& piece, std::span<const slice_extent> part) {
  const std::vector<std::int64_t> strides = strides_of(piece);
  std::vector<axis> axes;
  for (std::size_t d = 0; d < part.size(); ++d) {
    const slice_extent& stored = piece.slice.extents()[d];
    const std::int64_t begin = std::max(stored.start, part[d].start);
    const std::int64_t end = std::min(stored.start + stored.length, part[d].start + part[d].length);
    axes.push_back({.size = part[d].length,
                    .begin = begin - part[d].start,
                    .end = end - part[d].start,
                    .position = (begin - stored.start) * strides[d],
                    .stride = strides[d]});
  }
  return axes;
}

}  // namespace

void view::append_boxes(const stored_piece& piece, const slice& wanted,
                        std::vector<box>& into) const {
  const std::vector<axis> source = source_axes(piece, steps_.part);
  if (wanted.lengths().element_count() == 0 ||
      std::any_of(source.begin(), source.end(), [](const axis& a) { return a.count() <= 0; })) {
    return;
  }
  std::vector<runs_of_axis> destination(steps_.order.size());
  std::int64_t stride = 1;
  for (std::size_t d = steps_.order.size(); d > 0; --d) {
    const int from = steps_.order[d - 1];
    const slice_extent& whole = wanted.extents()[d - 1];
    const bool remapped = d <= steps_.remaps.size() && steps_.remaps[d - 1];
    const std::vector<index_run> runs =
        remapped ? steps_.remaps[d - 1]->runs(whole.start, whole.start + whole.length)
                 : std::vector{index_run{whole.start, whole.length, whole.start}};
    runs_of_axis& axes = destination[static_cast<std::size_t>(from)];
    for (const index_run& run : runs) {
      if (run.old_begin < 0) continue;
      axes.push_back({.size = reshaped_[from],
                      .begin = run.old_begin,
                      .end = run.old_begin + run.count,
                      .position = (run.begin - whole.start) * stride,
                      .stride = stride});
    }
    if (axes.empty()) return;
    stride *= whole.length;
  }
  std::vector<std::vector<patch>> patches;
  for (const group& one : make_groups(source, std::move(destination))) {
    patches.push_back(one.patches());
  }
  // One box per combination of one patch from each group.
  patch sum{.source = piece.first};
  const auto choose = [&](const auto& self, std::size_t g) -> void {
    if (g == patches.size()) {
      into.push_back(make_box(sum.source, sum.destination, sum.loops));
      return;
    }
    const std::size_t loops = sum.loops.size();
    for (const patch& one : patches[g]) {
      sum.source += one.source;
      sum.destination += one.destination;
      sum.loops.insert(sum.loops.end(), one.loops.begin(), one.loops.end());
      self(self, g + 1);
      sum.loops.resize(loops);
      sum.source -= one.source;
      sum.destination -= one.destination;
    }
  };
  choose(choose, 0);
}

void append_boxes(const view* through, const stored_piece& piece, const slice& wanted,
                  std::vector<box>& into) {
  if (through != nullptr) return through->append_boxes(piece, wanted, into);
  const auto common = intersection(piece.slice, wanted);
  if (!common || common->lengths().element_count() == 0) return;
  if (piece.strides.empty()) {
    into.push_back(make_box(piece.slice, wanted, *common));
    into.back().source += piece.first;
    return;
  }
  const std::vector<std::int64_t> strides = strides_of(piece);
  std::vector<box_dimension> loops(strides.size());
  std::int64_t source = piece.first;
  std::int64_t destination = 0;
  std::int64_t stride = 1;
  for (std::size_t d = strides.size(); d > 0; --d) {
    const slice_extent& part = common->extents()[d - 1];
    loops[d - 1] = {part.length, strides[d - 1], stride};
    source += (part.start - piece.slice.extents()[d - 1].start) * strides[d - 1];
    destination += (part.start - wanted.extents()[d - 1].start) * stride;
    stride *= wanted.extents()[d - 1].length;
  }
  into.push_back(make_box(source, destination, std::move(loops)));
}

}  // namespace warmstart::detail

#include "core/box.hpp"

#include <algorithm>
#include <utility>

namespace warmstart {
namespace {

// The position of `inner`'s first element in a dense row-major array that holds `outer`.
std::int64_t first_element(const slice& outer, const slice& inner) {
  std::int64_t position = 0;
  for (int d = 0; d < outer.rank(); ++d) {
    position = position * outer[d].length + (inner[d].start - outer[d].start);
  }
  return position;
}

box sub_box(const box& whole, std::int64_t first, std::int64_t count) {
  box part = whole;
  const box_dimension& outer = whole.dimensions.front();
  part.source += first * outer.source_stride;
  part.destination += first * outer.destination_stride;
  if (count == 1) {
    part.dimensions.erase(part.dimensions.begin());
  } else {
    part.dimensions.front().count = count;
  }
  return part;
}

std::int64_t ceil_divide(std::int64_t a, std::int64_t b) {
  return a <= 0 ? 0 : (a + b - 1) / b;
}

// What `removed` leaves of `whole`: at most two slices per dimension.
void subtract(const slice& whole, const slice& removed, std::vector<slice>& into) {
  const auto common = intersection(whole, removed);
  if (!common) {
    into.push_back(whole);
    return;
  }
  std::vector<slice_extent> rest = whole.extents();
  for (int d = 0; d < whole.rank(); ++d) {
    const auto index = static_cast<std::size_t>(d);
    const slice_extent all = rest[index];
    const slice_extent cut = (*common)[d];
    const std::int64_t cut_end = cut.start + cut.length;
    const std::int64_t all_end = all.start + all.length;
    if (cut.start > all.start) {
      rest[index] = {.start = all.start, .length = cut.start - all.start};
      into.emplace_back(rest);
    }
    if (cut_end < all_end) {
      rest[index] = {.start = cut_end, .length = all_end - cut_end};
      into.emplace_back(rest);
    }
    rest[index] = cut;
  }
}

bool before(const slice& a, const slice& b) {
  return std::lexicographical_compare(
      a.extents().begin(), a.extents().end(), b.extents().begin(), b.extents().end(),
      [](const slice_extent& x, const slice_extent& y) {
        return std::pair(x.start, x.length) < std::pair(y.start, y.length);
      });
}

}  // namespace

std::int64_t box::element_count() const noexcept {
  std::int64_t count = run;
  for (const box_dimension& dimension : dimensions) count *= dimension.count;
  return count;
}

std::int64_t box::source_end() const noexcept {
  std::int64_t end = source + run;
  for (const box_dimension& dimension : dimensions) {
    end += (dimension.count - 1) * dimension.source_stride;
  }
  return end;
}

box make_box(const slice& source, const slice& destination, const slice& common) {
  box made{.source = first_element(source, common),
           .destination = first_element(destination, common),
           .run = 1,
           .dimensions = {}};
  std::int64_t source_stride = 1;
  std::int64_t destination_stride = 1;
  for (int d = common.rank() - 1; d >= 0; --d) {
    const std::int64_t count = common[d].length;
    if (count != 1) {
      const bool in_run =
          made.dimensions.empty() && source_stride == made.run && destination_stride == made.run;
      const bool in_loop =
          !made.dimensions.empty() &&
          source_stride == made.dimensions.front().count * made.dimensions.front().source_stride &&
          destination_stride ==
              made.dimensions.front().count * made.dimensions.front().destination_stride;
      if (in_run) {
        made.run *= count;
      } else if (in_loop) {
        made.dimensions.front().count *= count;
      } else {
        made.dimensions.insert(made.dimensions.begin(), {.count = count,
                                                         .source_stride = source_stride,
                                                         .destination_stride = destination_stride});
      }
    }
    source_stride *= source[d].length;
    destination_stride *= destination[d].length;
  }
  return made;
}

void clip(const box& whole, std::int64_t begin, std::int64_t end, std::vector<box>& into) {
  const std::int64_t whole_end = whole.source_end();
  if (begin >= end || whole.source >= end || whole_end <= begin) return;
  if (whole.source >= begin && whole_end <= end) {
    into.push_back(whole);
    return;
  }
  if (whole.contiguous()) {
    const std::int64_t first = std::max(begin, whole.source);
    box part = whole;
    part.destination += first - whole.source;
    part.source = first;
    part.run = std::min(end, whole_end) - first;
    into.push_back(part);
    return;
  }
  const box_dimension& outer = whole.dimensions.front();
  const std::int64_t inner_span =
      whole_end - whole.source - (outer.count - 1) * outer.source_stride;
  // Indices [first, last) lie wholly inside; the ones beside them may be cut.
  const std::int64_t first =
      std::min(outer.count, ceil_divide(begin - whole.source, outer.source_stride));
  const std::int64_t room = end - whole.source - inner_span;
  const std::int64_t last = room < 0 ? 0 : std::min(outer.count, room / outer.source_stride + 1);
  if (first > 0) clip(sub_box(whole, first - 1, 1), begin, end, into);
  if (first < last) into.push_back(sub_box(whole, first, last - first));
  if (last < outer.count && last >= first) clip(sub_box(whole, last, 1), begin, end, into);
}

void source_ranges(const box& whole, std::int64_t max_gap, std::vector<span_range>& into) {
  // From the inside: loops whose gaps are small make one range together.
  std::int64_t length = whole.run;
  std::size_t loops = whole.dimensions.size();
  while (loops > 0) {
    const box_dimension& inner = whole.dimensions[loops - 1];
    if (inner.source_stride - length > max_gap) break;
    length += (inner.count - 1) * inner.source_stride;
    --loops;
  }
  std::vector<std::int64_t> index(loops, 0);
  for (std::int64_t position = whole.source;;) {
    into.push_back({.begin = position, .end = position + length});
    std::size_t d = loops;
    for (; d > 0; --d) {
      const box_dimension& dimension = whole.dimensions[d - 1];
      position += dimension.source_stride;
      if (++index[d - 1] < dimension.count) break;
      position -= dimension.count * dimension.source_stride;
      index[d - 1] = 0;
    }
    if (d == 0) return;
  }
}

std::int64_t union_element_count(std::vector<slice> slices) {
  std::sort(slices.begin(), slices.end(), before);
  slices.erase(std::unique(slices.begin(), slices.end()), slices.end());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    // Counted is what the earlier ones do not contain.
    std::vector<slice> fresh = {slices[i]};
    for (std::size_t earlier = 0; earlier < i && !fresh.empty(); ++earlier) {
      if (!intersection(slices[earlier], slices[i])) continue;
      std::vector<slice> rest;
      for (const slice& part : fresh) subtract(part, slices[earlier], rest);
      fresh = std::move(rest);
    }
    for (const slice& part : fresh) count += part.lengths().element_count();
  }
  return count;
}

}  // namespace warmstart

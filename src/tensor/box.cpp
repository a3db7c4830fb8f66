#include "tensor/box.hpp"

#include <algorithm>
#include <utility>

namespace warmstart::detail {
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

box make_box(std::int64_t source, std::int64_t destination, std::vector<box_dimension> loops) {
  std::erase_if(loops, [](const box_dimension& loop) { return loop.count == 1; });
  std::stable_sort(loops.begin(), loops.end(), [](const box_dimension& a, const box_dimension& b) {
    return a.source_stride > b.source_stride;
  });
  box made{.source = source, .destination = destination, .run = 1, .dimensions = {}};
  // The run is innermost, except for loops that repeat it.
  const auto repeats = std::find_if(loops.begin(), loops.end(), [](const box_dimension& loop) {
    return loop.source_stride == 0;
  });
  auto loop = std::make_reverse_iterator(repeats);
  for (; loop != loops.rend() && loop->source_stride == made.run &&
         loop->destination_stride == made.run;
       ++loop) {
    made.run *= loop->count;
  }
  loops.erase(loop.base(), repeats);
  for (const box_dimension& inner : loops) {
    if (!made.dimensions.empty()) {
      box_dimension& outer = made.dimensions.back();
      if (outer.source_stride == inner.count * inner.source_stride &&
          outer.destination_stride == inner.count * inner.destination_stride) {
        outer = {.count = outer.count * inner.count,
                 .source_stride = inner.source_stride,
                 .destination_stride = inner.destination_stride};
        continue;
      }
    }
    made.dimensions.push_back(inner);
  }
  return made;
}

box make_box(const slice& source, const slice& destination, const slice& common) {
  std::vector<box_dimension> loops(common.extents().size());
  std::int64_t source_stride = 1;
  std::int64_t destination_stride = 1;
  for (int d = common.rank() - 1; d >= 0; --d) {
    loops[static_cast<std::size_t>(d)] = {.count = common[d].length,
                                          .source_stride = source_stride,
                                          .destination_stride = destination_stride};
    source_stride *= source[d].length;
    destination_stride *= destination[d].length;
  }
  return make_box(first_element(source, common), first_element(destination, common),
                  std::move(loops));
}

void clip(const box& whole, std::int64_t begin, std::int64_t end, std::vector<box>& into) {
  const std::int64_t whole_end = whole.source_end();
  if (begin >= end || whole.source >= end || whole_end <= begin) return;
  if (whole.source >= begin && whole_end <= end) {
    into.push_back(whole);
    return;
  }
  // Only the run and loops that repeat it are left.
  if (whole.contiguous() || whole.dimensions.front().source_stride == 0) {
    const std::int64_t first = std::max(begin, whole.source);
    box part = whole;
    part.destination += first - whole.source;
    part.source = first;
    part.run = std::min(end, whole_end) - first;
    into.push_back(std::move(part));
    return;
  }
  const box_dimension& outer = whole.dimensions.front();
  const std::int64_t stride = outer.source_stride;
  const std::int64_t inner_span = whole_end - whole.source - (outer.count - 1) * stride;
  // Indices [touch_first, touch_last) overlap the range; only [first, last) lie completely within
  // it.
  const std::int64_t touch_first =
      begin - whole.source < inner_span ? 0 : (begin - whole.source - inner_span) / stride + 1;
  const std::int64_t touch_last = std::min(outer.count, ceil_divide(end - whole.source, stride));
  const std::int64_t room = end - whole.source - inner_span;
  const std::int64_t first =
      std::clamp(ceil_divide(begin - whole.source, stride), touch_first, touch_last);
  const std::int64_t last = room < 0 ? first : std::clamp(room / stride + 1, first, touch_last);
  for (std::int64_t i = touch_first; i < first; ++i) clip(sub_box(whole, i, 1), begin, end, into);
  if (first < last) into.push_back(sub_box(whole, first, last - first));
  for (std::int64_t i = last; i < touch_last; ++i) clip(sub_box(whole, i, 1), begin, end, into);
}

void source_ranges(const box& whole, std::int64_t max_gap, std::vector<span_range>& into) {
  // Merge loops from the inside while their gaps are small.
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

}  // namespace warmstart::detail

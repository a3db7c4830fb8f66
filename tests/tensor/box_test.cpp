#include "tensor/box.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "support/walk_box.hpp"

namespace warmstart::detail {
namespace {

using test::walk;

slice make_slice(const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
  std::vector<slice_extent> extents;
  for (const auto& [start, length] : pairs) extents.push_back({.start = start, .length = length});
  return slice(std::move(extents));
}

TEST(box, whole_to_whole_is_one_run) {
  const slice whole = make_slice({{0, 4}, {0, 5}, {0, 6}});
  EXPECT_EQ(make_box(whole, whole, whole),
            (box{.source = 0, .destination = 0, .run = 120, .dimensions = {}}));
}

TEST(box, rows_are_one_run_and_columns_are_loops) {
  const slice whole = make_slice({{0, 100}, {0, 10}});
  const slice rows = make_slice({{20, 30}, {0, 10}});
  EXPECT_EQ(make_box(whole, rows, rows),
            (box{.source = 200, .destination = 0, .run = 300, .dimensions = {}}));
  const slice columns = make_slice({{0, 100}, {4, 3}});
  EXPECT_EQ(make_box(whole, columns, columns),
            (box{.source = 4, .destination = 0, .run = 3, .dimensions = {{100, 10, 3}}}));
}

TEST(box, outer_loops_that_continue_each_other_are_one) {
  const slice whole = make_slice({{0, 4}, {0, 5}, {0, 6}});
  const slice last = make_slice({{0, 4}, {0, 5}, {2, 1}});
  EXPECT_EQ(make_box(whole, last, last),
            (box{.source = 2, .destination = 0, .run = 1, .dimensions = {{20, 6, 1}}}));
}

TEST(box, runs_are_visited_in_source_order) {
  const slice whole = make_slice({{0, 3}, {0, 4}, {0, 6}});
  const slice part = make_slice({{1, 2}, {1, 2}, {2, 3}});
  const box b = make_box(whole, part, part);
  std::vector<std::pair<std::int64_t, std::int64_t>> runs;
  for_each_run(b, [&](std::int64_t source, std::int64_t destination) {
    runs.emplace_back(source, destination);
  });
  EXPECT_EQ(runs, (std::vector<std::pair<std::int64_t, std::int64_t>>{
                      {32, 0}, {38, 3}, {56, 6}, {62, 9}}));
}

TEST(box, scalar_is_a_run_of_one) {
  EXPECT_EQ(make_box(slice(), slice(), slice()),
            (box{.source = 0, .destination = 0, .run = 1, .dimensions = {}}));
}

TEST(box, random_boxes_clip_and_range_as_an_element_loop_does) {
  std::mt19937 random(7);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::pair<std::int64_t, std::int64_t>> a, b;
    for (std::int64_t d = pick(0, 4); d > 0; --d) {
      const std::int64_t size = pick(1, 5);
      const auto part = [&] {
        const std::int64_t start = pick(0, size - 1);
        return std::pair(start, pick(1, size - start));
      };
      a.push_back(part());
      b.push_back(part());
    }
    const slice source = make_slice(a), destination = make_slice(b);
    const auto common = intersection(source, destination);
    if (!common) continue;
    const box made = make_box(source, destination, *common);
    EXPECT_EQ(made.element_count(), common->lengths().element_count());
    const auto elements = walk(made);

    const std::int64_t total = source.lengths().element_count();
    const std::int64_t begin = pick(0, total), end = pick(begin, total);
    std::vector<box> clipped;
    clip(made, begin, end, clipped);
    EXPECT_LE(clipped.size(), 2 * made.dimensions.size() + 1);
    std::vector<std::pair<std::int64_t, std::int64_t>> found, wanted;
    for (const box& part : clipped) {
      const auto more = walk(part);
      found.insert(found.end(), more.begin(), more.end());
    }
    for (const auto& element : elements) {
      if (element.second >= begin && element.second < end) wanted.push_back(element);
    }
    std::sort(found.begin(), found.end());
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(found, wanted);

    std::vector<span_range> ranges;
    const std::int64_t gap = pick(0, 3);
    source_ranges(made, gap, ranges);
    std::vector<bool> covered(static_cast<std::size_t>(total));
    std::int64_t previous = -1;
    for (const span_range& range : ranges) {
      EXPECT_LT(range.begin, range.end);
      EXPECT_GT(range.begin, previous);
      previous = range.end;
      for (std::int64_t i = range.begin; i < range.end; ++i)
        covered.at(static_cast<std::size_t>(i)) = true;
    }
    for (const auto& element : elements)
      EXPECT_TRUE(covered[static_cast<std::size_t>(element.second)]);
    EXPECT_EQ(ranges.front().begin, made.source);
    EXPECT_EQ(ranges.back().end, made.source_end());
  }
}

TEST(box, gaps_within_the_limit_are_read_over) {
  const slice whole = make_slice({{0, 3}, {0, 10}});
  const slice columns = make_slice({{0, 3}, {0, 6}});
  const box made = make_box(whole, columns, columns);
  std::vector<span_range> ranges;
  source_ranges(made, 3, ranges);
  EXPECT_EQ(ranges, (std::vector<span_range>{{0, 6}, {10, 16}, {20, 26}}));
  ranges.clear();
  source_ranges(made, 4, ranges);
  EXPECT_EQ(ranges, (std::vector<span_range>{{0, 26}}));
}

}  // namespace
}  // namespace warmstart::detail

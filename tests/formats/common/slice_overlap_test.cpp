#include "formats/common/slice_overlap.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/catalog_builder.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;

bool any_pair_overlaps(const std::vector<slice>& slices) {
  for (std::size_t i = 0; i < slices.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (intersection(slices[i], slices[j])) return true;
    }
  }
  return false;
}

TEST(slice_overlap, agrees_with_comparing_all_pairs) {
  std::mt19937 random(7);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  int overlaps = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::int64_t rank = pick(1, 4);
    std::vector<slice> slices;
    for (std::int64_t n = pick(2, 9); n > 0; --n) {
      test::pairs extents;
      for (std::int64_t d = 0; d < rank; ++d) extents.emplace_back(pick(0, 8), pick(1, 4));
      slices.push_back(box_of(extents));
    }
    const slice_overlap found = find_overlap(slices);
    EXPECT_FALSE(found.given_up);
    EXPECT_EQ(found.pair.has_value(), any_pair_overlaps(slices)) << round;
    if (!found.pair) continue;
    EXPECT_TRUE(intersection(found.pair->first, found.pair->second));
    ++overlaps;
  }
  EXPECT_GT(overlaps, 100);
  EXPECT_LT(overlaps, 1900);
}

TEST(slice_overlap, small_sets) {
  EXPECT_FALSE(find_overlap({}).pair);
  const slice scalar;
  EXPECT_TRUE(find_overlap(std::vector{scalar, scalar}).pair);
  const std::vector<slice> empty = {box_of({{0, 0}, {0, 2}}), box_of({{0, 0}, {1, 2}})};
  EXPECT_FALSE(find_overlap(empty).pair);  // nothing is in them
}

// None of these may take time that grows with the square of their number.
TEST(slice_overlap, many_slices) {
  std::vector<slice> grid;
  for (std::int64_t i = 0; i < 30 * 30 * 30; ++i) {
    grid.push_back(box_of({{i % 30 * 3, 3}, {i / 30 % 30 * 5, 5}, {i / 900 * 2, 2}}));
  }
  EXPECT_FALSE(find_overlap(grid).pair);
  EXPECT_FALSE(find_overlap(grid).given_up);
  grid.push_back(box_of({{44, 1}, {7, 1}, {3, 1}}));
  EXPECT_TRUE(find_overlap(grid).pair);

  std::vector<slice> diagonal;
  const std::int64_t count = 50'000;
  for (std::int64_t i = 0; i < count; ++i) diagonal.push_back(box_of({{i, count}, {2 * i, 1}}));
  EXPECT_FALSE(find_overlap(diagonal).pair);
  EXPECT_FALSE(find_overlap(diagonal).given_up);
}

// Disjoint, and no cut through all of it passes between any two: no partitioner makes such.
std::vector<slice> woven(std::int64_t count) {
  std::vector<slice> slices;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t column = i % 2 == 0 ? i / 2 : count / 2 + i / 2;
    slices.push_back(box_of({{2 * i, 3}, {2 * column, 3}}));
  }
  return slices;
}

TEST(slice_overlap, a_search_that_takes_too_long_is_abandoned) {
  EXPECT_FALSE(find_overlap(woven(1000)).pair);
  EXPECT_FALSE(find_overlap(woven(1000)).given_up);
  EXPECT_FALSE(find_overlap(woven(50'000)).pair);
  EXPECT_TRUE(find_overlap(woven(50'000)).given_up);
}

}  // namespace
}  // namespace warmstart::detail

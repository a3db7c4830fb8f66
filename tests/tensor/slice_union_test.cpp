#include "tensor/slice_union.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "support/catalog_builder.hpp"
#include "tensor/box.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;

std::int64_t count_of(const std::vector<slice>& slices) {
  return union_element_count(slices);
}

TEST(slice_union, counts_overlapping_elements_once) {
  EXPECT_EQ(count_of({}), 0);
  EXPECT_EQ(count_of({slice(), slice()}), 1);
  const slice a = box_of({{0, 4}, {0, 4}});
  const slice b = box_of({{2, 4}, {2, 4}});
  const slice c = box_of({{3, 1}, {3, 1}});
  EXPECT_EQ(count_of({a, a, a}), 16);
  EXPECT_EQ(count_of({a, b, c}), 28);
}

TEST(slice_union, counts_nothing_of_empty_slices) {
  EXPECT_EQ(count_of({box_of({{0, 0}, {0, 4}})}), 0);
  EXPECT_EQ(count_of({box_of({{5, 2}, {1, 0}}), box_of({{0, 2}, {0, 4}})}), 8);
}

TEST(slice_union, counts_elements_of_vast_tensors) {
  const std::int64_t vast = std::int64_t{1} << 31U;
  const slice left = box_of({{0, vast}, {0, vast - 1}});
  const slice top = box_of({{0, vast - 1}, {0, vast}});
  EXPECT_EQ(count_of({left, top}), vast * vast - 1);
}

TEST(slice_union, agrees_with_an_element_loop) {
  std::mt19937 random(7);
  const auto below = [&](std::int64_t end) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end));
  };
  for (int round = 0; round < 3000; ++round) {
    const std::int64_t rank = 1 + below(4);
    const std::int64_t side = rank == 4 ? 5 : 8;
    const slice whole =
        slice::all_of(shape(std::vector<std::int64_t>(static_cast<std::size_t>(rank), side)));
    std::vector<slice> slices;
    std::set<std::int64_t> elements;
    for (std::int64_t i = below(20); i >= 0; --i) {
      std::vector<slice_extent> extents;
      for (std::int64_t d = 0; d < rank; ++d) {
        // Often all of a dimension, as parts have it.
        const std::int64_t start = below(2) == 0 ? 0 : below(side);
        const std::int64_t room = side - start;
        extents.push_back({.start = start, .length = below(2) == 0 ? room : below(room + 1)});
      }
      slices.emplace_back(extents);
      if (slices.back().lengths().element_count() == 0) continue;
      const box one = make_box(whole, whole, slices.back());
      for_each_run(one, [&](std::int64_t first, std::int64_t) {
        for (std::int64_t e = first; e < first + one.run; ++e) elements.insert(e);
      });
    }
    ASSERT_EQ(count_of(slices), static_cast<std::int64_t>(elements.size())) << round;
  }
}

// So many parts by rows, by columns, and in the third dimension, with a gap in each.
TEST(slice_union, of_parts_along_several_axes_is_found_in_one_pass) {
  constexpr std::int64_t PARTS = 2000;
  const auto part = [](std::int64_t i) { return slice_extent{.start = 3 * i, .length = 2}; };
  const slice_extent all{.start = 0, .length = 3 * PARTS};
  std::vector<slice> slices;
  for (std::int64_t i = 0; i < PARTS; ++i) {
    slices.push_back(slice({part(i), all, all}));
    slices.push_back(slice({all, part(i), all}));
    slices.push_back(slice({all, all, part(i)}));
  }
  std::int64_t examined = 0;
  EXPECT_EQ(union_element_count(slices, &examined), 26 * PARTS * PARTS * PARTS);
  EXPECT_EQ(examined, 3 * PARTS);
}

TEST(slice_union, of_a_grid_beside_another_takes_few_steps) {
  std::vector<slice> slices;
  constexpr std::int64_t SIDE = 70;
  for (std::int64_t i = 0; i < SIDE; ++i) {
    for (std::int64_t j = 0; j < SIDE; ++j) {
      slices.push_back(box_of({{2 * i, 2}, {2 * j, 2}}));
      slices.push_back(box_of({{3 * i, 2}, {3 * j, 3}}));
    }
  }
  const auto count = static_cast<std::int64_t>(slices.size());
  std::int64_t examined = 0;
  // The first is all of a square of 140, of the second 70 rows of gaps cut what is outside of it.
  std::int64_t expected = 0;
  for (std::int64_t x = 0; x < 3 * SIDE; ++x) {
    for (std::int64_t y = 0; y < 3 * SIDE; ++y) {
      expected += (x < 2 * SIDE && y < 2 * SIDE) || x % 3 != 2 ? 1 : 0;
    }
  }
  EXPECT_EQ(union_element_count(slices, &examined), expected);
  EXPECT_LT(examined, 30 * count);
}

}  // namespace
}  // namespace warmstart::detail

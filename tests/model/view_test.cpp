#include "model/view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include "support/naive_view.hpp"
#include "support/walk_box.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using index_list = std::vector<std::int64_t>;

std::shared_ptr<const index_remap> remap(const index_list& indices) {
  return std::make_shared<const index_remap>(indices);
}

std::vector<box> boxes_of(const view_steps& steps, const shape& tensor, const shape& variable) {
  std::vector<box> boxes;
  const view made(steps, tensor, variable);
  made.append_boxes({.slice = slice::all_of(tensor)}, slice::all_of(made.result()), boxes);
  return boxes;
}

TEST(view, a_transpose_is_a_box_in_source_order) {
  EXPECT_EQ(boxes_of({.order = {1, 0}}, {3, 5}, {5, 3}),
            (std::vector<box>{{.run = 1, .dimensions = {{3, 5, 1}, {5, 1, 3}}}}));
  // Whole vectors move where the last dimension stays the last.
  EXPECT_EQ(boxes_of({.order = {1, 0, 2}}, {3, 5, 8}, {5, 3, 8}),
            (std::vector<box>{{.run = 8, .dimensions = {{3, 40, 8}, {5, 8, 24}}}}));
}

TEST(view, a_reshape_of_a_dense_tensor_is_one_run) {
  EXPECT_EQ(boxes_of({.reshaped = index_list{8, -1}}, {4, 6}, {8, 3}),
            (std::vector<box>{{.run = 24}}));
}

TEST(view, a_reshape_of_a_strided_tensor_is_several_boxes) {
  // 2 of the rows of 3 that lie 4 apart, in columns of 2.
  EXPECT_EQ(
      boxes_of({.part = {{0, 2}, {0, 3}}, .reshaped = index_list{3, 2}, .order = {1, 0}}, {2, 4},
               {2, 3}),
      (std::vector<box>{{.source = 0, .destination = 0, .run = 1, .dimensions = {{2, 1, 3}}},
                        {.source = 2, .destination = 1, .run = 1},
                        {.source = 4, .destination = 4, .run = 1},
                        {.source = 5, .destination = 2, .run = 1, .dimensions = {{2, 1, 3}}}}));
}

TEST(view, a_remap_is_a_box_for_each_run_of_consecutive_indices) {
  EXPECT_EQ(boxes_of({.remaps = {remap({7, 8, -1, 3, 0, 1, 2})}}, {9, 4}, {9, 4}),
            (std::vector<box>{{.source = 28, .destination = 0, .run = 8},
                              {.source = 12, .destination = 12, .run = 4},
                              {.source = 0, .destination = 16, .run = 12}}));
}

TEST(view, unmapped_elements_are_reported_once) {
  const view made({.remaps = {remap({1, -1, -1, 0}), remap({-1, 0, 1, 2})}}, {2, 3}, {6, 5});
  std::vector<slice> gaps;
  made.append_gaps(slice::all_of(made.result()), gaps);
  std::vector<std::string> told;
  for (const slice& one : gaps) told.push_back(to_string(one));
  EXPECT_EQ(told, (std::vector<std::string>{"0,1:0,1", "0,1:4,1", "1,2:0,5", "3,1:0,1", "3,1:4,1",
                                            "4,2:0,5"}));
}

struct refused {
  view_steps steps;
  error_code code;
  std::string why;
};

TEST(view, steps_that_fit_no_tensor_or_not_this_one_are_refused) {
  const shape tensor{12, 20};
  const std::vector<refused> cases = {
      {{.part = {{9, 5}, {0, -1}}},
       error_code::mismatch,
       "slice 9,5 exceeds dimension 0 of shape [12,20]"},
      {{.part = {{0, -1}, {21, -1}}},
       error_code::mismatch,
       "slice 21,-1 exceeds dimension 1 of shape [12,20]"},
      {{.part = {{0, INT64_MAX}, {0, 1}}},
       error_code::mismatch,
       "slice 0,9223372036854775807 exceeds dimension 0 of shape [12,20]"},
      {{.part = {{-1, 2}, {0, 1}}},
       error_code::invalid_argument,
       "slice -1,2: expected a start of at least 0 and a length of at least -1"},
      {{.part = {{0, -2}, {0, 1}}},
       error_code::invalid_argument,
       "slice 0,-2: expected a start of at least 0 and a length of at least -1"},
      {{.part = {{0, -1}}},
       error_code::mismatch,
       "a slice with 1 dimensions does not fit shape [12,20]"},
      {{.reshaped = index_list{7, 7}},
       error_code::mismatch,
       "shape [12,20] cannot be reshaped to [7,7]: it has 240 elements"},
      {{.reshaped = index_list{7, -1}},
       error_code::mismatch,
       "shape [12,20] cannot be reshaped to [7,-1]: it has 240 elements"},
      {{.reshaped = index_list{0, -1}},
       error_code::mismatch,
       "shape [12,20] cannot be reshaped to [0,-1]: it has 240 elements"},
      {{.reshaped = index_list{INT64_MAX, INT64_MAX}},
       error_code::mismatch,
       "shape [12,20] cannot be reshaped to [9223372036854775807,9223372036854775807]: it has 240 "
       "elements"},
      {{.reshaped = index_list{-1, -1}},
       error_code::invalid_argument,
       "shape [-1,-1]: expected sizes of at least 0, and at most one -1"},
      {{.reshaped = index_list{-2, 120}},
       error_code::invalid_argument,
       "shape [-2,120]: expected sizes of at least 0, and at most one -1"},
      {{.order = {0, 0}},
       error_code::invalid_argument,
       "transpose [0,0] does not name each dimension once"},
      {{.order = {1, 2}},
       error_code::invalid_argument,
       "transpose [1,2] does not name each dimension once"},
      {{.order = {2, 1, 0}}, error_code::mismatch, "transpose [2,1,0] does not fit shape [12,20]"},
      {{.remaps = {remap({0, 12})}},
       error_code::mismatch,
       "index 12 exceeds dimension 0 of shape [12,20]"},
      {{.part = {{0, 5}, {0, -1}}, .remaps = {remap({5})}},
       error_code::mismatch,
       "index 5 exceeds dimension 0 of shape [5,20]"},
      {{.reshaped = index_list{240}, .remaps = {nullptr, remap({0})}},
       error_code::mismatch,
       "shape [240] has no dimension 1 to remap"},
  };
  for (const refused& one : cases) {
    try {
      (void)view(one.steps, tensor, tensor);
      ADD_FAILURE() << "not refused: " << one.why;
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), one.code) << one.why;
      EXPECT_EQ(bad.what(), one.why);
    }
  }
  EXPECT_THROW((void)remap({0, -2}), error);
}

TEST(view, order_and_repetition_are_known) {
  const shape tensor{1, 6};
  EXPECT_TRUE(view({.part = {{0, 1}, {2, 3}}}, tensor, {}).in_order());
  EXPECT_TRUE(view({.order = {1, 0}}, tensor, {}).in_order());
  EXPECT_FALSE(view({.reshaped = index_list{2, 3}, .order = {1, 0}}, tensor, {}).in_order());
  EXPECT_FALSE(view({.remaps = {remap({0})}}, tensor, {}).in_order());
  EXPECT_FALSE(view({.remaps = {nullptr, remap({5, 4})}}, tensor, {}).repeats());
  EXPECT_TRUE(view({.remaps = {nullptr, remap({3, 4, 3})}}, tensor, {}).repeats());
}

TEST(view, elements_that_share_memory_are_known) {
  const auto piece = [](const index_list& sizes, const index_list& strides) {
    return stored_piece{.slice = slice::all_of(shape(sizes)), .strides = strides};
  };
  EXPECT_FALSE(shares_elements(piece({3, 4}, {})));
  EXPECT_FALSE(shares_elements(piece({3, 4}, {1, 3})));
  EXPECT_FALSE(shares_elements(piece({3, 1}, {1, 0})));
  EXPECT_TRUE(shares_elements(piece({3, 4}, {0, 1})));
  EXPECT_TRUE(shares_elements(piece({3, 4}, {1, 1})));
  EXPECT_TRUE(lies_in_order(piece({1, 4}, {77, 1})));
  EXPECT_FALSE(lies_in_order(piece({2, 4}, {5, 1})));
}

/// A tensor in pieces, whose elements are numbers of their own: extent · 2^20 + position.
struct stored_tensor {
  shape whole;
  std::vector<stored_piece> pieces;
  test::naive_array values;
};

stored_tensor make_tensor(std::mt19937& random) {
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  index_list sizes;
  for (std::int64_t d = pick(0, 4); d > 0; --d) sizes.push_back(pick(1, 6));
  stored_tensor made{.whole = shape(sizes), .pieces = {}, .values = {.sizes = sizes}};
  made.values.elements.resize(static_cast<std::size_t>(made.whole.element_count()));
  // Cut in two, again and again.
  std::vector<slice> parts = {slice::all_of(made.whole)};
  for (std::int64_t cuts = sizes.empty() ? 0 : pick(0, 3); cuts > 0; --cuts) {
    const auto d = static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(sizes.size()) - 1));
    std::vector<slice_extent> low = parts.back().extents();
    if (low[d].length < 2) continue;
    std::vector<slice_extent> high = low;
    low[d].length = pick(1, low[d].length - 1);
    high[d].start += low[d].length;
    high[d].length -= low[d].length;
    parts.back() = slice(low);
    parts.emplace_back(high);
  }
  for (const slice& where : parts) {
    stored_piece piece{.slice = where, .extent = static_cast<std::uint32_t>(made.pieces.size())};
    if (pick(0, 1) == 0) {
      piece.first = pick(0, 5);
      piece.strides = strides_of(piece);
      std::shuffle(piece.strides.begin(), piece.strides.end(), random);
      for (std::int64_t& stride : piece.strides)
        stride = std::max<std::int64_t>(0, stride + pick(-2, 2));
    }
    const index_list strides = strides_of(piece);
    test::for_each_index(where.lengths().sizes(), [&](index_list index) {
      std::int64_t position = piece.first;
      for (std::size_t d = 0; d < index.size(); ++d) {
        position += index[d] * strides[d];
        index[d] += where.extents()[d].start;
      }
      made.values.at(index) = (std::int64_t{piece.extent} << 20) + position;
    });
    made.pieces.push_back(std::move(piece));
  }
  return made;
}

slice random_part(const shape& of, std::mt19937& random) {
  std::vector<slice_extent> extents;
  for (const std::int64_t size : of.sizes()) {
    const std::int64_t start = std::uniform_int_distribution<std::int64_t>(0, size - 1)(random);
    extents.push_back(
        {.start = start,
         .length = std::uniform_int_distribution<std::int64_t>(1, size - start)(random)});
  }
  return slice(std::move(extents));
}

// All of the box's elements, chunk by chunk; and its ranges hold them.
std::vector<std::pair<std::int64_t, std::int64_t>> walk_in_chunks(const box& whole,
                                                                  std::int64_t step) {
  std::vector<std::pair<std::int64_t, std::int64_t>> elements;
  for (std::int64_t begin = 0; begin < whole.source_end(); begin += step) {
    std::vector<box> parts;
    clip(whole, begin, begin + step, parts);
    for (const box& part : parts) {
      EXPECT_GE(part.source, begin);
      EXPECT_LE(part.source_end(), begin + step);
      const auto more = test::walk(part);
      elements.insert(elements.end(), more.begin(), more.end());
    }
  }
  std::vector<span_range> ranges;
  source_ranges(whole, 0, ranges);
  for (const auto& element : elements) {
    EXPECT_TRUE(std::any_of(ranges.begin(), ranges.end(), [&](const span_range& range) {
      return range.begin <= element.second && element.second < range.end;
    }));
  }
  return elements;
}

TEST(view, random_chains_agree_with_element_loops) {
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    const stored_tensor stored = make_tensor(random);
    const test::random_view wanted = test::make_random_view(stored.values, random);
    const shape variable(wanted.result.sizes);
    const view made(wanted.steps, stored.whole, variable);
    ASSERT_EQ(made.result(), variable);
    const slice part = random_part(variable, random);

    std::map<std::int64_t, std::int64_t> found;  // by position in the part
    const std::int64_t step = 1 + static_cast<std::int64_t>(random() % 40);
    for (const stored_piece& piece : stored.pieces) {
      std::vector<box> boxes;
      made.append_boxes(piece, part, boxes);
      for (const box& one : boxes) {
        for (const auto& [to, from] : walk_in_chunks(one, step)) {
          EXPECT_TRUE(found.emplace(to, (std::int64_t{piece.extent} << 20) + from).second);
        }
      }
    }
    std::vector<slice> gaps;
    made.append_gaps(part, gaps);
    test::naive_array all = wanted.result;
    std::int64_t position = 0;
    test::for_each_index(part.lengths().sizes(), [&](index_list index) {
      for (std::size_t d = 0; d < index.size(); ++d) index[d] += part.extents()[d].start;
      const auto holes = std::count_if(gaps.begin(), gaps.end(), [&](const slice& gap) {
        for (std::size_t d = 0; d < index.size(); ++d) {
          const slice_extent& extent = gap.extents()[d];
          if (index[d] < extent.start || index[d] >= extent.start + extent.length) return false;
        }
        return true;
      });
      const std::int64_t value = all.at(index);
      EXPECT_EQ(holes, value < 0 ? 1 : 0);
      EXPECT_EQ(found.contains(position) ? found[position] : -1, value);
      ++position;
    });
    ASSERT_FALSE(testing::Test::HasFailure()) << "round " << round;
  }
}

}  // namespace
}  // namespace warmstart::detail

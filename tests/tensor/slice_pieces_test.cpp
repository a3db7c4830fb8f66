#include "tensor/slice_pieces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/catalog_builder.hpp"
#include "tensor/box.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;

std::vector<std::string> piece_texts(const slice& whole, std::int64_t most) {
  const slice_pieces pieces(whole, most);
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < pieces.count(); ++i) all.push_back(to_string(pieces[i]));
  return all;
}

using strings = std::vector<std::string>;

TEST(slice_pieces, are_the_slice_if_it_is_small) {
  EXPECT_EQ(piece_texts(box_of({{2, 3}, {0, 4}}), 12), (strings{"2,3:0,4"}));
  EXPECT_EQ(slice_pieces(slice(), 1).count(), 1);
  EXPECT_EQ(slice_pieces(slice(), 1)[0], slice());
}

TEST(slice_pieces, are_none_if_it_is_empty) {
  EXPECT_EQ(slice_pieces(box_of({{2, 0}, {0, 4}}), 12).count(), 0);
}

TEST(slice_pieces, are_whole_rows_where_a_row_fits) {
  EXPECT_EQ(piece_texts(box_of({{2, 5}, {1, 4}}), 8), (strings{"2,2:1,4", "4,2:1,4", "6,1:1,4"}));
}

TEST(slice_pieces, are_parts_of_rows_where_a_row_does_not_fit) {
  EXPECT_EQ(piece_texts(box_of({{2, 2}, {1, 5}}), 3),
            (strings{"2,1:1,3", "2,1:4,2", "3,1:1,3", "3,1:4,2"}));
}

TEST(slice_pieces, of_a_vast_slice_take_no_memory) {
  const std::int64_t vast = std::int64_t{1} << 62U;
  const slice_pieces pieces(box_of({{5, vast}}), 1);
  EXPECT_EQ(pieces.count(), vast);
  EXPECT_EQ(to_string(pieces[vast - 1]), std::to_string(vast + 4) + ",1");
}

// Every element is in one piece, in order, and no piece is much smaller than it could be.
TEST(slice_pieces, tile_the_slice_in_order) {
  const slice whole = box_of({{1, 3}, {4, 1}, {0, 7}, {2, 5}});
  const slice all = slice::all_of({5, 6, 7, 8});
  for (std::int64_t most = 1; most <= 110; ++most) {
    std::vector<std::int64_t> expected;
    std::vector<std::int64_t> found;
    const auto list = [&](const slice& from, std::vector<std::int64_t>& into) {
      const box elements = make_box(all, from, from);
      for_each_run(elements, [&](std::int64_t first, std::int64_t) {
        for (std::int64_t i = 0; i < elements.run; ++i) into.push_back(first + i);
      });
    };
    list(whole, expected);
    const slice_pieces pieces(whole, most);
    for (std::int64_t i = 0; i < pieces.count(); ++i) {
      const std::int64_t size = pieces[i].lengths().element_count();
      EXPECT_LE(size, most);
      EXPECT_GE(3 * size, std::min<std::int64_t>(most, 105)) << to_string(pieces[i]);
      list(pieces[i], found);
    }
    EXPECT_EQ(found, expected) << most;
  }
}

}  // namespace
}  // namespace warmstart::detail

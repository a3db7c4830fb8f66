#include "formats/common/stored_shape.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace warmstart::detail {
namespace {

std::optional<shape> of(const std::vector<std::uint64_t>& sizes, std::size_t element_bytes) {
  return stored_shape(sizes, element_bytes);
}

TEST(stored_shape, accepts_shapes_that_fit) {
  EXPECT_EQ(of({}, 8), shape());
  EXPECT_EQ(of({2, 0, 3}, 4), (shape{2, 0, 3}));
  EXPECT_EQ(of({1ULL << 62U}, 1), (shape{1LL << 62}));
}

TEST(stored_shape, refuses_shapes_that_do_not_fit_even_with_a_0) {
  EXPECT_EQ(of({1ULL << 63U}, 1), std::nullopt);
  EXPECT_EQ(of({1ULL << 62U}, 2), std::nullopt);
  EXPECT_EQ(of({0, 1ULL << 32U, 1ULL << 31U}, 1), std::nullopt);
  EXPECT_EQ(of({1ULL << 32U, 1ULL << 32U, 4}, 1), std::nullopt);
}

}  // namespace
}  // namespace warmstart::detail

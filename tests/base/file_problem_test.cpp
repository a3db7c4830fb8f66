#include "base/file_problem.hpp"

#include <gtest/gtest.h>

namespace warmstart::detail {
namespace {

TEST(file_problem, the_message_begins_with_the_place) {
  const problem bad = file_problem(error_code::corrupt, {"m.npy", 17}, "it ends early", "w");
  EXPECT_EQ(bad.code, error_code::corrupt);
  EXPECT_EQ(bad.message, "m.npy, offset 17: it ends early");
  EXPECT_EQ(bad.tensor, "w");
  EXPECT_EQ(bad.file, "m.npy");
  EXPECT_EQ(bad.offset_bytes, 17);
  EXPECT_EQ(file_problem(error_code::io, {"m"}, "denied").message, "m: denied");
  EXPECT_EQ(file_problem(error_code::io, {.path = "m", .part = "key w"}, "lost").message,
            "m, key w: lost");
}

TEST(file_problem, a_difference_is_in_the_message_and_beside_it) {
  const problem bad =
      file_difference(error_code::corrupt, {"m", 0}, "header", {.expected = "'{'", .found = "'['"});
  EXPECT_EQ(bad.message, "m, offset 0: header: expected '{', found '['");
  EXPECT_EQ(bad.expected, "'{'");
  EXPECT_EQ(bad.found, "'['");
  EXPECT_EQ(
      file_difference(error_code::io, {"m"}, "", {.expected = "a file", .found = "a pipe"}).message,
      "m: expected a file, found a pipe");
}

}  // namespace
}  // namespace warmstart::detail

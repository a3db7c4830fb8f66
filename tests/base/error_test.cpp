#include "warmstart/error.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace warmstart::detail {
namespace {

TEST(error, what_lists_every_problem) {
  const error bad(std::vector<problem>{{.code = error_code::io, .message = "first"},
                                       {.code = error_code::corrupt, .message = "second"}});
  EXPECT_STREQ(bad.what(), "2 problems:\n  first\n  second");
  EXPECT_EQ(bad.code(), error_code::io);
}

TEST(error, an_empty_list_becomes_one_problem) {
  const error bad(std::vector<problem>{});
  EXPECT_EQ(bad.problems().size(), 1U);
  EXPECT_EQ(bad.code(), error_code::invalid_argument);
}

TEST(error, keeps_its_problems_when_it_is_moved_from) {
  error bad(error_code::mismatch, "shapes differ");
  const error taken = std::move(bad);
  EXPECT_EQ(bad.code(), error_code::mismatch);  // NOLINT(bugprone-use-after-move): the point
  EXPECT_EQ(taken.problems(), bad.problems());
}

}  // namespace
}  // namespace warmstart::detail

#include "base/unique_handle.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace warmstart::detail {
namespace {

std::vector<int> closed_handles;

struct logging_traits {
  using handle_type = int;
  static constexpr int none = -1;
  static void close(int handle) noexcept { closed_handles.push_back(handle); }
};
using logged_handle = unique_handle<logging_traits>;

TEST(unique_handle, is_closed_once_by_its_last_owner) {
  closed_handles.clear();
  {
    logged_handle first(7);
    logged_handle second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what it is about
    EXPECT_EQ(second.get(), 7);
    EXPECT_TRUE(closed_handles.empty());
  }
  EXPECT_EQ(closed_handles, std::vector<int>{7});
}

TEST(unique_handle, is_not_closed_after_release) {
  closed_handles.clear();
  {
    logged_handle handle(7);
    EXPECT_EQ(handle.release(), 7);
    EXPECT_FALSE(handle);
  }
  EXPECT_TRUE(closed_handles.empty());
}

}  // namespace
}  // namespace warmstart::detail

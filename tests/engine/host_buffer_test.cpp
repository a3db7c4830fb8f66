#include "warmstart/host_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "engine/pages.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

TEST(host_buffer, copies_are_deep_and_moves_leave_an_empty_buffer) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, page_block::LARGE_BYTES + 3}) {
    host_buffer first(size);
    EXPECT_EQ(first.size(), size);
    EXPECT_EQ(first.empty(), size == 0);
    for (std::size_t i = 0; i < size; ++i) first[i] = static_cast<std::byte>(i % 251);
    host_buffer copy = first;
    EXPECT_EQ(copy, first);
    if (size != 0) {
      copy[size - 1] ^= std::byte{1};
      EXPECT_NE(copy, first);
    }
    const std::vector<std::byte> expected(first.begin(), first.end());
    EXPECT_EQ(first, expected);
    copy = std::move(first);
    EXPECT_EQ(copy, expected);
    EXPECT_EQ(first.size(), 0U);  // NOLINT(bugprone-use-after-move): the point of the test
    EXPECT_EQ(first.data(), nullptr);
    copy = copy;  // NOLINT(clang-diagnostic-self-assign-overloaded)
    EXPECT_EQ(copy, expected);
  }
}

TEST(host_buffer, a_size_that_exceeds_memory_is_an_error) {
  for (const std::size_t size :
       {std::size_t{1} << 62U, std::numeric_limits<std::size_t>::max() / 2}) {
    EXPECT_EQ(test::error_of([&] { return host_buffer(size); }).code(), error_code::out_of_memory);
  }
}

}  // namespace
}  // namespace warmstart::detail

#include "io/file_cursor.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "base/units.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail {
namespace {

class file_cursor_test : public testing::Test {
 protected:
  file_cursor_test() {
    for (std::int64_t i = 0; i < SIZE; ++i) text_ += static_cast<char>(i * i % 251);
    files_.put("f", test::bundle_writer::bytes_of(text_));
    from_ = files_.open("f", read_mode::buffered);
  }

  static constexpr std::int64_t SIZE = 200 * kibibyte;
  std::string text_;
  test::memory_files files_;
  std::unique_ptr<file> from_;
};

TEST_F(file_cursor_test, takes_bytes_in_steps_of_any_size) {
  for (const std::uint64_t step : {1U, 7U, 1000U, 65536U, 70000U}) {
    file_cursor at(*from_, {.begin = 5, .end = SIZE - 3});
    std::string taken;
    while (const auto bytes = at.take(step)) {
      EXPECT_EQ(bytes->size(), step);
      taken += *bytes;
      ASSERT_EQ(at.offset(), 5 + std::ssize(taken));
    }
    EXPECT_LT(SIZE - 8 - std::ssize(taken), static_cast<std::int64_t>(step));
    EXPECT_TRUE(taken == text_.substr(5, taken.size()));
  }
}

TEST_F(file_cursor_test, takes_nothing_that_reaches_beyond_its_part) {
  file_cursor at(*from_, {.begin = SIZE - 10, .end = SIZE - 4});
  EXPECT_FALSE(at.take(7));
  EXPECT_FALSE(at.take(UINT64_MAX));
  EXPECT_EQ(at.offset(), SIZE - 10);
  EXPECT_EQ(at.take(6), std::string_view(text_).substr(static_cast<std::size_t>(SIZE - 10), 6));
  EXPECT_FALSE(at.take(1));
  EXPECT_TRUE(at.take(0));
}

TEST_F(file_cursor_test, reads_ahead_but_not_beyond_its_part) {
  file_cursor at(*from_, {.begin = 0, .end = 100});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(at.take(1));
  EXPECT_EQ(files_.log(), (std::vector<test::memory_files::read_event>{{"f", 0, 100}}));
}

}  // namespace
}  // namespace warmstart::detail

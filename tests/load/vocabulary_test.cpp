#include "load/vocabulary.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/small_model.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

using lines = std::vector<std::string>;

class vocabulary : public testing::Test {
 protected:
  lines read(const std::string& contents, std::optional<std::int64_t> size = {},
             const vocabulary_limits& limits = {}) const {
    test::write_file(path_, contents);
    return read_vocabulary(path_, size, limits);
  }
  error refusal(const std::string& contents, std::optional<std::int64_t> size = {},
                const vocabulary_limits& limits = {}) const {
    return test::error_of([&] { return read(contents, size, limits); });
  }

  test::temporary_directory scratch_;
  const std::string path_ = scratch_ / "tokens";
};

TEST_F(vocabulary, has_a_token_a_line) {
  EXPECT_EQ(read("a\nb c\n\xff\n"), (lines{"a", "b c", "\xff"}));
  EXPECT_EQ(read("a\nb"), (lines{"a", "b"}));
  EXPECT_EQ(read(""), lines{});
}

// As TensorFlow's InputBuffer::ReadLine.
TEST_F(vocabulary, one_carriage_return_at_the_end_of_a_line_is_dropped) {
  EXPECT_EQ(read("a\r\nb\r"), (lines{"a", "b"}));
  EXPECT_EQ(read("a\r\r\n"), lines{"a\r"});
  EXPECT_EQ(read("a\rb\n\rc\r\n"), (lines{"a\rb", "\rc"}));
  EXPECT_EQ(refusal("a\n\r\nb\n").code(), error_code::corrupt);
  EXPECT_EQ(read("a\n\r"), lines{"a"});
}

TEST_F(vocabulary, lines_beyond_its_size_are_ignored) {
  EXPECT_EQ(read("a\nb\n\n", 2), (lines{"a", "b"}));
  EXPECT_EQ(read("a\nb\n\n", 0), lines{});
  EXPECT_EQ(read("a\n" + std::string(100, 'b'), 1, {.token_bytes = 10}), lines{"a"});
  EXPECT_STREQ(refusal("a\nb\n", 3).what(),
               (path_ + ": expected at least 3 lines, found 2").c_str());
  EXPECT_EQ(refusal("a\nb\n", 3).code(), error_code::mismatch);
}

// Block by block: the lines do not end where blocks do.
TEST_F(vocabulary, may_be_large) {
  lines expected;
  std::string text;
  for (int i = 0; i < 50'000; ++i) {
    expected.push_back("token_" + std::to_string(i));
    text += expected.back() + (i % 3 == 0 ? "\r\n" : "\n");
  }
  EXPECT_EQ(read(text), expected);
}

TEST_F(vocabulary, has_limits) {
  EXPECT_EQ(read("12345\r\n12345\n12345", {}, {.token_bytes = 5}),
            (lines{"12345", "12345", "12345"}));
  for (const std::string line : {"123456\n", "123456\r\n", "123456", "1234567"}) {
    const error bad = refusal("12345\n" + line, {}, {.token_bytes = 5});
    EXPECT_EQ(bad.code(), error_code::unsupported);
    EXPECT_STREQ(bad.what(), (path_ + ", line 2: expected a token of at most 5 bytes, found a "
                                      "longer line")
                                 .c_str());
  }
  EXPECT_EQ(read("ab\ncd\n", {}, {.file_bytes = 6}), (lines{"ab", "cd"}));
  EXPECT_EQ(refusal("ab\ncd\n", {}, {.file_bytes = 5}).code(), error_code::unsupported);
}

TEST_F(vocabulary, may_be_an_endless_device) {
  EXPECT_EQ(test::error_of([] { return read_vocabulary("/dev/zero", {}); }).code(),
            error_code::unsupported);
}

}  // namespace
}  // namespace warmstart::detail

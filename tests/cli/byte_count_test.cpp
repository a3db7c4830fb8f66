#include "cli/byte_count.hpp"

#include <gtest/gtest.h>

#include "warmstart/error.hpp"

namespace warmstart::detail::cli {
namespace {

std::string count_refusal(std::string_view text) {
  try {
    return std::to_string(parse_byte_count(text));
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::invalid_argument);
    return bad.what();
  }
}

TEST(byte_count, with_a_unit_or_without) {
  EXPECT_EQ(parse_byte_count("1"), 1);
  EXPECT_EQ(parse_byte_count("65536b"), 65536);
  for (const char* text : {"64MiB", "64m", "64 mb", "64Mi", "65536k", "67108864"}) {
    EXPECT_EQ(parse_byte_count(text), 64 << 20) << text;
  }
  EXPECT_EQ(parse_byte_count("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_byte_count("7eib"), INT64_C(7) << 60);
}

TEST(byte_count, says_what_it_expects) {
  for (const char* text : {"", "0", "0MiB", "-1", "x", "MiB", "1.5", "1 2", "64xb", "64kibi"}) {
    EXPECT_EQ(count_refusal(text),
              "expected a number of bytes of at least 1, such as 67108864 or 64MiB, found '" +
                  std::string(text) + "'");
  }
  for (const char* text :
       {"99999999999999999999", "9223372036854775808", "8EiB", "16EiB", "9223372036854775807k"}) {
    EXPECT_EQ(count_refusal(text),
              "expected less than 2^63 bytes, found '" + std::string(text) + "'");
  }
}

}  // namespace
}  // namespace warmstart::detail::cli

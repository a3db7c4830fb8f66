#include "base/strict_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmstart::detail {
namespace {

std::string refusal(std::string_view text) {
  try {
    return parse_strict_json(text, "m.json", error_code::corrupt).dump();
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::corrupt);
    return bad.what();
  }
}

TEST(strict_json, errors_name_the_place_and_what_was_expected) {
  EXPECT_EQ(refusal("{\n  \"a\": 1,\n  }\n"),
            "m.json is not valid JSON: line 3, column 3: unexpected '}'; expected string literal");
  EXPECT_EQ(
      refusal("{\"a\": tru}"),
      "m.json is not valid JSON: line 1, column 10: invalid literal; last read: '\"a\": tru}'");
  EXPECT_EQ(
      refusal("[1] x"),
      "m.json is not valid JSON: line 1, column 5: invalid literal; last read: '1] x'; expected "
      "end of input");
  EXPECT_EQ(refusal("[1e400]"),
            "m.json is not valid JSON: line 1, column 6: the number 1e400 is too large");
  EXPECT_EQ(refusal(" \n"), "m.json is not valid JSON: it is empty");
}

TEST(strict_json, errors_contain_no_text_of_the_parser) {
  for (const std::string text :
       {"", "{", "[1,", "\"abc", "\xff", "{\"a\" 1}", "nul", "[01]", "-"}) {
    const std::string why = refusal(text);
    EXPECT_EQ(why.rfind("m.json is not valid JSON: ", 0), 0U) << why;
    for (const char* of_the_parser : {"json.exception", "syntax error", "parse error"}) {
      EXPECT_EQ(why.find(of_the_parser), std::string::npos) << why;
    }
  }
}

}  // namespace
}  // namespace warmstart::detail

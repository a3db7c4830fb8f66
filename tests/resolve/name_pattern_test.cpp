#include "resolve/name_pattern.hpp"

#include <gtest/gtest.h>

namespace warmstart::detail {
namespace {

// All readings, as `word=text ...` and how much of the name they take.
std::vector<std::string> readings(std::string_view pattern, std::string_view name) {
  std::vector<std::string> found;
  const auto matches = name_pattern(pattern).matches(name);
  if (!matches) return {"too many"};
  for (const auto& [words, length] : *matches) {
    std::string text;
    for (const auto& [word, value] : words) text += word + '=' + value + ' ';
    found.push_back(text + std::to_string(length));
  }
  return found;
}

using texts = std::vector<std::string>;

TEST(name_pattern, a_placeholder_matches_text_between_separators) {
  EXPECT_EQ(readings("blocks/{n}/w", "blocks/11/w"), texts{"n=11 11"});
  EXPECT_EQ(readings("blocks/{n}/w", "blocks/0/1/w"), texts{});
  EXPECT_EQ(readings("blocks/{n}/w", "blocks//w"), texts{});
  EXPECT_EQ(readings("blocks.{n}.w", "blocks.0.1.w"), texts{});
  EXPECT_EQ(readings("{a}/{b}", "x/y"), texts{"a=x b=y 3"});
  EXPECT_EQ(readings("layer_{n}", "layer_7x"), texts{"n=7x 8"});
}

TEST(name_pattern, a_repeated_placeholder_matches_the_same_text) {
  EXPECT_EQ(readings("{n}/v_{n}", "a/v_a"), texts{"n=a 5"});
  EXPECT_EQ(readings("{n}/v_{n}", "a/v_b"), texts{});
  EXPECT_EQ(readings("{n}_{n}", "a_a_a_a"), texts{"n=a_a 7"});
}

TEST(name_pattern, scopes_match_the_beginning) {
  EXPECT_EQ(readings("b/{n}/", "b/0/w/x"), texts{"n=0 4"});
  EXPECT_EQ(readings("b/{n}/", "b/0"), texts{});
}

TEST(name_pattern, all_possible_matches_are_returned) {
  EXPECT_EQ(readings("{a}_{b}", "x_y_z"), (texts{"a=x b=y_z 5", "a=x_y b=z 5"}));
  EXPECT_EQ(readings("{a}{b}{c}{d}{e}{f}", std::string(60, 'x')), texts{"too many"});
}

TEST(name_pattern, other_braces_are_literal) {
  for (const char* name : {"a{", "{}", "{a b}", "{a", "a}", "{{", "", "{\xc3\xa9}"}) {
    EXPECT_TRUE(name_pattern(name).is_literal()) << name;
    EXPECT_EQ(readings(name, name), texts{std::to_string(std::string_view(name).size())});
  }
  EXPECT_EQ(readings("{{n}}", "{5}"), texts{"n=5 3"});
  EXPECT_TRUE(name_pattern::literal("{n}").is_literal());
}

TEST(name_pattern, placeholders_are_substituted_into_a_name) {
  EXPECT_EQ(name_pattern("a/{n}/b_{m}_{n}").with({{"n", "1"}, {"m", "2"}}), "a/1/b_2_1");
  EXPECT_EQ(name_pattern("{a}{b}").word_not_in(name_pattern("{a}")), "b");
  EXPECT_EQ(name_pattern("{a}").word_not_in(name_pattern("{b}{a}")), std::nullopt);
  EXPECT_EQ(name_pattern("{a}").word_not_in(name_pattern("a")), "a");
}

}  // namespace
}  // namespace warmstart::detail

#include "warmstart/slice.hpp"

#include <gtest/gtest.h>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

std::string common(const char* a, const char* b) {
  const auto found = intersection(slice::parse(a), slice::parse(b));
  return found ? to_string(*found) : "none";
}

error_code refusal_within(const char* text, const shape& of) {
  try {
    (void)slice::parse(text).within(of);
  } catch (const error& bad) {
    return bad.code();
  }
  return error_code::cancelled;
}

TEST(slice, text_form) {
  for (const char* text : {"-", "0,10:-:14,1:-", "3,4", "-:-", "0,9223372036854775807"}) {
    EXPECT_EQ(to_string(slice::parse(text)), text);
  }
  EXPECT_EQ(slice::parse("").rank(), 0);
}

TEST(slice, invalid_text_is_refused) {
  for (const char* text : {"4", "-1,3", "1,0", "1,-2", "a,b", "1,2,3", "0,9223372036854775808",
                           "99999999999999999999,1"}) {
    EXPECT_THROW((void)slice::parse(text), error) << text;
  }
}

TEST(slice, within_a_shape) {
  EXPECT_EQ(to_string(slice::parse("-:2,3").within({4, 5})), "0,4:2,3");
  EXPECT_EQ(refusal_within("-", {4, 5}), error_code::mismatch);
  EXPECT_EQ(refusal_within("2,3:-", {4, 5}), error_code::mismatch);
  EXPECT_EQ(refusal_within("9223372036854775807,1:-", {4, 5}), error_code::mismatch);
}

TEST(slice, intersections) {
  EXPECT_EQ(common("-:0,4", "2,3:2,9"), "2,3:2,2");
  EXPECT_EQ(common("0,3", "3,3"), "none");
  EXPECT_EQ(common("0,3", "2,3"), "2,1");
  EXPECT_EQ(common("-", "-:-"), "none");  // ranks differ
  EXPECT_EQ(common("", ""), "");
  EXPECT_EQ(common("-", "-"), "-");
}

TEST(slice, covers_however_it_is_spelled) {
  EXPECT_TRUE(slice::parse("-:-").covers({3, 2}));
  EXPECT_TRUE(slice::parse("0,3:-").covers({3, 2}));
  EXPECT_FALSE(slice::parse("0,2:-").covers({3, 2}));
  EXPECT_FALSE(slice::parse("-").covers({3, 2}));
  EXPECT_EQ(slice::all_of({3, 2}).lengths(), (shape{3, 2}));
}

TEST(shape, counts_its_elements) {
  EXPECT_EQ(shape().element_count(), 1);
  EXPECT_EQ((shape{2, 0, 3}).element_count(), 0);
  EXPECT_EQ((shape{2, 5, 3}).element_count(), 30);
  EXPECT_EQ(to_string(shape{20, 2}), "[20,2]");
  EXPECT_EQ(to_string(shape{}), "[]");
  EXPECT_THROW((void)shape({-1}), error);
  EXPECT_THROW((void)shape({std::int64_t{1} << 40, std::int64_t{1} << 40}), error);
}

}  // namespace
}  // namespace warmstart::detail

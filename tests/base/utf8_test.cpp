#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace warmstart::detail {
namespace {

TEST(utf8, takes_letters_of_one_to_four_bytes) {
  for (const char* good : {"", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xbcz"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  EXPECT_TRUE(is_utf8("\xed\xa0\x80")) << "a surrogate, as Python writes it";
}

TEST(utf8, refuses_what_is_cut_too_long_or_too_large) {
  for (const char* bad :
       {"\x80", "\xc2", "\xc2z", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xe2\x82",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "a\xc3\xbc\xc3"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace warmstart::detail

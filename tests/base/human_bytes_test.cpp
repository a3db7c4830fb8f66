#include "base/human_bytes.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace warmstart::detail {
namespace {

TEST(human_bytes, have_a_unit) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(INT64_MAX), "8.0 EiB");
}

}  // namespace
}  // namespace warmstart::detail

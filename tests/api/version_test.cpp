#include "warmstart/version.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmstart::detail {
namespace {

TEST(version, is_that_of_the_headers) {
  EXPECT_EQ(version(), std::to_string(WARMSTART_VERSION_MAJOR) + "." +
                           std::to_string(WARMSTART_VERSION_MINOR) + "." +
                           std::to_string(WARMSTART_VERSION_PATCH));
}

}  // namespace
}  // namespace warmstart::detail

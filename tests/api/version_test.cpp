#include "warmstart/version.hpp"

#include <gtest/gtest.h>

#include <string>

namespace warmstart::detail {
namespace {

TEST(version, library_and_headers_agree) {
  EXPECT_EQ(version(), std::to_string(WARMSTART_VERSION_MAJOR) + "." +
                           std::to_string(WARMSTART_VERSION_MINOR) + "." +
                           std::to_string(WARMSTART_VERSION_PATCH));
}

}  // namespace
}  // namespace warmstart::detail

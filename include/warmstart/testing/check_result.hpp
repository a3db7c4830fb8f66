#pragma once

#include <string>

// Helpers for the tests of programs that use warmstart: find_package(warmstart), then
// target_link_libraries(program_tests PRIVATE warmstart::testing). Only
// `warmstart/testing/gtest.hpp` needs a test framework.
//
// The namespace is not called `testing`, because within `warmstart` it would hide GoogleTest's
// namespace of that name.

namespace warmstart::testkit {

/// Result of a check.
struct check_result {
  bool passed = true;
  std::string message = {};  ///< what is wrong; empty if the check passed

  explicit operator bool() const noexcept { return passed; }
};

}  // namespace warmstart::testkit

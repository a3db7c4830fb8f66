#pragma once

#include <string>

// For the tests of programs that use warmstart: find_package(warmstart), and then
// target_link_libraries(program_tests PRIVATE warmstart::testing). Nothing here needs a test
// framework, but for `warmstart/testing/gtest.hpp`.
//
// The namespace is not called `testing`: that is GoogleTest's, and within `warmstart` it would hide
// it.

namespace warmstart::testkit {

/// What a check found out.
struct check_result {
  bool passed = true;
  std::string message = {};  ///< what is wrong; empty: nothing

  explicit operator bool() const noexcept { return passed; }
};

}  // namespace warmstart::testkit

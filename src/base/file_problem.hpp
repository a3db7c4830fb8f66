#pragma once

#include <cstdint>
#include <string>

#include "warmstart/error.hpp"

namespace warmstart::detail {

/// Where a file has a problem.
struct file_place {
  std::string path;
  std::int64_t offset_bytes = -1;  ///< negative: the problem has no offset
  std::string part = {};           ///< such as `key "w"`
};

/// What was expected, and what was found instead.
struct difference {
  std::string expected;
  std::string found;
};

/// `expected EXPECTED, found FOUND`
[[nodiscard]] std::string to_string(const difference& between);

/// A problem whose message is `PATH, offset OFFSET, PART: WHY`.
[[nodiscard]] problem file_problem(error_code code, const file_place& place, const std::string& why,
                                   const std::string& tensor = {});

/// A problem whose message is `PATH, offset OFFSET, PART: WHAT: expected EXPECTED, found FOUND`;
/// without `WHAT: ` if that is empty.
[[nodiscard]] problem file_difference(error_code code, const file_place& place,
                                      const std::string& what, const difference& between,
                                      const std::string& tensor = {});

}  // namespace warmstart::detail

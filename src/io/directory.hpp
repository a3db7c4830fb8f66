#pragma once

#include <string>
#include <vector>

#include "io/system_calls.hpp"

namespace warmstart::detail {

/// The names of a directory's entries in any order, without `.` and `..`. Throws `io`.
[[nodiscard]] std::vector<std::string> list_directory(const system_calls& calls,
                                                      const std::string& path);

}  // namespace warmstart::detail

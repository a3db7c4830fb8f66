#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// The files that a glob pattern (`*`, `?`, `[...]`, `\` before what is meant literally) matches,
/// sorted. `/` is matched by nothing else, a leading `.` by anything, as TensorFlow does. Throws
/// what listing throws; directories that are not there match nothing.
[[nodiscard]] std::vector<std::string> matching_paths(const file_system& files,
                                                      std::string_view pattern);

/// False for what can only match itself.
[[nodiscard]] bool is_pattern(std::string_view path);

}  // namespace warmstart::detail

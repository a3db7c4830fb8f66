#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// The regular files that match a glob pattern (`*`, `?`, `[...]`, `\` as escape character),
/// sorted. As in TensorFlow, wildcards do not match `/` but match a leading `.`. Directories that
/// do not exist match nothing. Throws like `file_system::list`.
[[nodiscard]] std::vector<std::string> matching_paths(const file_system& files,
                                                      std::string_view pattern);

/// Whether a path contains wildcards or escapes.
[[nodiscard]] bool is_pattern(std::string_view path);

}  // namespace warmstart::detail

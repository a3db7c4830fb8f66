#pragma once

#include <string>

#include "io/file.hpp"

namespace warmstart::detail {

// Hints for messages about a path without a checkpoint.

/// `; did you mean DIRECTORY/model.ckpt?`, or empty. Lists the directory of `path`.
[[nodiscard]] std::string suggest_checkpoints(const file_system& files, const std::string& path);

/// `; to load from what it holds, open DIRECTORY/model.pt`, or empty. Looks at names, and at the
/// first bytes of a few files.
[[nodiscard]] std::string list_checkpoints_in(const file_system& files,
                                              const std::string& directory);

}  // namespace warmstart::detail

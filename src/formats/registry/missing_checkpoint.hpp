#pragma once

#include <string>

#include "io/file.hpp"

namespace warmstart::detail {

// What to say where a path leads to no checkpoint.

/// `; did you mean DIRECTORY/model.ckpt?`, or nothing. Looks at the names beside the path.
[[nodiscard]] std::string suggest_checkpoints(const file_system& files, const std::string& path);

/// `; it holds model.pt: open DIRECTORY/model.pt`, or nothing. Looks at names, and at the
/// beginnings of a few files.
[[nodiscard]] std::string list_checkpoints_in(const file_system& files,
                                              const std::string& directory);

}  // namespace warmstart::detail

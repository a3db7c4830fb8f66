#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// The `checkpoint` file beside TensorFlow's checkpoints (specification A4.1).
struct checkpoint_state {
  std::string model_checkpoint_path;
  std::vector<std::string> all_model_checkpoint_paths;
};

/// Reads protobuf's text format. Throws `corrupt` with `where` at the front for what is no such
/// text, and for fields that are not known.
[[nodiscard]] checkpoint_state parse_checkpoint_state(std::string_view text,
                                                      const std::string& where);

/// The path of the newest checkpoint that a directory's state file names, relative paths joined to
/// the directory; nothing if there is no state file. Throws `corrupt` for one that cannot be
/// understood, or names no checkpoint.
[[nodiscard]] std::optional<std::string> newest_checkpoint_path(const file_system& files,
                                                                const std::string& directory);

}  // namespace warmstart::detail

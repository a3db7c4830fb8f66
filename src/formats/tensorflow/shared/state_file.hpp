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

/// Parses protobuf's text format. Throws `corrupt` for invalid text and unknown fields; `where`
/// begins the message.
[[nodiscard]] checkpoint_state parse_checkpoint_state(std::string_view text,
                                                      const std::string& where);

/// The path of the newest checkpoint in a directory's state file; relative paths are joined to the
/// directory. Nothing if there is no state file. Throws `corrupt` if the file is invalid or names
/// no checkpoint.
[[nodiscard]] std::optional<std::string> newest_checkpoint_path(const file_system& files,
                                                                const std::string& directory);

}  // namespace warmstart::detail

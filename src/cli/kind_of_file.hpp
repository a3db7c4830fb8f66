#pragma once

#include <string>

#include "warmstart/checkpoint.hpp"

namespace warmstart::detail::cli {

// Arguments that were swapped are recognized, and the error says what they are.

/// Throws `invalid_argument` if a path that should be a job file's is a checkpoint's. Reads no more
/// than the beginning of a job file, and nothing of a pipe.
void refuse_checkpoint(const std::string& path);

/// As `checkpoint::open`. If that fails and the file is a job, the error says so.
[[nodiscard]] checkpoint open_checkpoint(const std::string& path, const std::string& format = {});

}  // namespace warmstart::detail::cli

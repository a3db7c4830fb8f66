#pragma once

#include <string>

#include "warmstart/checkpoint.hpp"

namespace warmstart::detail::cli {

// Detect a job file in place of a checkpoint and the reverse, so that the error can say so.

/// Throws `invalid_argument` if the path of a job file leads to a checkpoint. Reads only the first
/// bytes of a job file, and nothing from a pipe.
void refuse_checkpoint(const std::string& path);

/// Like `checkpoint::open`, but if the file is a job, the error says so.
[[nodiscard]] checkpoint open_checkpoint(const std::string& path, const std::string& format = {});

}  // namespace warmstart::detail::cli

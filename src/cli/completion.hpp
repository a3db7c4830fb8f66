#pragma once

#include <span>
#include <string>

#include "cli/command_line.hpp"

namespace warmstart::detail::cli {

// Scripts that complete commands, options and their values.

[[nodiscard]] std::string bash_completion(std::span<const described_command> commands);
[[nodiscard]] std::string zsh_completion(std::span<const described_command> commands);

}  // namespace warmstart::detail::cli

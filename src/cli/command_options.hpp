#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.hpp"

namespace warmstart::detail::cli {

/// All commands and options; parsing writes what they say to `given`, which must outlive it.
[[nodiscard]] std::unique_ptr<CLI::App> make_command_tree(arguments& given);

}  // namespace warmstart::detail::cli

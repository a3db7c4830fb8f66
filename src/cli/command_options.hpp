#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.hpp"

namespace warmstart::detail::cli {

/// All commands and options. Parsing writes their values to `given`, which must outlive the result.
[[nodiscard]] std::unique_ptr<CLI::App> make_command_tree(arguments& given);

}  // namespace warmstart::detail::cli

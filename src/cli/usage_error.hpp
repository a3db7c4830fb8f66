#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace warmstart::detail::cli {

/// A message for an invalid command line.
[[nodiscard]] std::string usage_error(const CLI::App& app, const CLI::ParseError& bad);

/// A message for a first word that is not a command; suggests similar commands.
[[nodiscard]] std::string unknown_command(const CLI::App& app, const std::string& word);

}  // namespace warmstart::detail::cli

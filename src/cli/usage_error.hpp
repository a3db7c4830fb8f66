#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace warmstart::detail::cli {

/// What is wrong with a command line, in a sentence.
[[nodiscard]] std::string usage_error(const CLI::App& app, const CLI::ParseError& bad);

/// The same for a first word that is no command: names the nearest one.
[[nodiscard]] std::string unknown_command(const CLI::App& app, const std::string& word);

}  // namespace warmstart::detail::cli

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace warmstart::detail::cli {

/// A command line that makes sense, as far as it says something.
struct arguments {
  std::string command;
  std::string path;
  std::string target_path;
  shell_kind shell = shell_kind::bash;
  bool json = false;
  checkpoint_options checkpoint;
  inspect_options inspect;
  job_options options;
};

struct parsed_command_line {
  arguments given;
  /// What the program ends with: help was asked for, or the command line makes no sense. That has
  /// been printed.
  std::optional<int> exit_status;
};

[[nodiscard]] parsed_command_line parse_command_line(int argc, const char* const* argv);

/// An option, or an argument without dashes.
struct described_option {
  std::string name;   ///< `--io`, `JOB`
  std::string value;  ///< `auto|buffered|direct|mapped`, `FILE`; empty: it takes none
  std::string description;
};

struct described_command {
  std::string name;
  std::string description;
  std::vector<described_option> options;
  std::vector<described_option> positionals;
};

/// All that a command line can say. The first is the program itself, without a command.
[[nodiscard]] std::vector<described_command> describe_command_line();

}  // namespace warmstart::detail::cli

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace warmstart::detail::cli {

/// The values of a valid command line; options that were not given have their defaults.
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
  /// Set if the program should end: help or a usage error has been printed.
  std::optional<int> exit_status;
};

[[nodiscard]] parsed_command_line parse_command_line(int argc, const char* const* argv);

/// An option or a positional argument.
struct described_option {
  std::string name;   ///< `--io`, `JOB`
  std::string value;  ///< `auto|buffered|direct|mapped`, `FILE`; empty: a flag
  std::string description;
};

struct described_command {
  std::string name;
  std::string description;
  std::vector<described_option> options;
  std::vector<described_option> positionals;
};

/// All commands and options, for completion. The first entry is the program without a command.
[[nodiscard]] std::vector<described_command> describe_command_line();

}  // namespace warmstart::detail::cli

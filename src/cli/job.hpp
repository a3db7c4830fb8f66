#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "warmstart/warmstart.hpp"

namespace warmstart::detail::cli {

// What a job file says. docs/job-file.md describes the file.

struct job_variable {
  std::string name;
  shape of;
  variable_options options;
};

struct job_call {
  std::string checkpoint;  ///< as the job spells it
  std::string path;        ///< relative ones joined to the job file's directory
  assignment_map map;
  std::vector<std::string> objects;  ///< by entry of the map: its JSON, if it is an object
  init_options options;
};

struct job {
  std::string path;  ///< of its file, for messages; empty: it comes from elsewhere
  std::optional<device> default_device;
  std::vector<job_variable> variables;
  std::vector<job_call> calls;
};

/// Throws every mistake as `invalid_argument`, each naming the field.
[[nodiscard]] job parse_job(std::string_view text, const std::string& directory);

/// A job that comes from standard input.
inline constexpr auto STANDARD_INPUT = "-";

/// Reads a job file, or a pipe to its end, or standard input, whose paths are relative to the
/// working directory. Throws `not_found` or `io`, and as `parse_job`, the file's name in front;
/// `invalid_argument` for what is a checkpoint.
[[nodiscard]] job read_job(const std::string& path);

/// A job's variables, and what its calls decided.
struct resolved_job {
  variable_store store;
  std::vector<resolved_assignments> calls;
  std::map<std::string, std::string> spelled;  ///< path of a checkpoint → as the job spells it
  /// Rows, by name and device, whose last entry is an object → its JSON.
  std::map<std::pair<std::string, device>, std::string> objects;
};

/// Makes the variables and runs the calls; throws the problems of all of them. Moves no data.
[[nodiscard]] resolved_job resolve_job(const job& of, const std::optional<device>& override_device);

}  // namespace warmstart::detail::cli

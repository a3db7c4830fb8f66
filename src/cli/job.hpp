#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "warmstart/warmstart.hpp"

namespace warmstart::detail::cli {

// The contents of a job file, which docs/job-file.md describes.

struct job_variable {
  std::string name;
  warmstart::shape shape;
  variable_options options;
};

struct job_call {
  std::string checkpoint;  ///< as written in the job
  std::string path;        ///< a relative path is joined to the job file's directory
  assignment_map map;
  std::vector<std::string>
      objects;  ///< by entry of the map: its JSON if it is an object, else empty
  init_options options;
};

struct job {
  std::string path;  ///< of its file, for messages; empty: not from a file
  std::optional<device> default_device;
  std::vector<job_variable> variables;
  std::vector<job_call> calls;
};

/// Throws all mistakes in one `invalid_argument` error; each message names its field.
[[nodiscard]] job parse_job(std::string_view text, const std::string& directory);

/// The path that means standard input.
inline constexpr auto STANDARD_INPUT = "-";

/// Reads a job from a file, a pipe or standard input; for the latter, paths are relative to the
/// working directory. Throws `not_found`, `io`, `invalid_argument` if the file is a checkpoint, and
/// what `parse_job` throws, with the file's name before the message.
[[nodiscard]] job read_job(const std::string& path);

/// A job's variables, and the assignments that its calls made.
struct resolved_job {
  variable_store store;
  std::vector<resolved_assignments> calls;
  std::map<std::string, std::string> spelled;  ///< path of a checkpoint → as written in the job
  /// Row, by name and device → JSON of the entry that assigned it, if that is an object.
  std::map<std::pair<std::string, device>, std::string> objects;
};

/// Creates the variables and runs the calls, without moving data. Throws the problems of all calls.
[[nodiscard]] resolved_job resolve_job(const job& of, const std::optional<device>& override_device);

}  // namespace warmstart::detail::cli

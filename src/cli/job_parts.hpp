#pragma once

#include "cli/job.hpp"
#include "cli/json_fields.hpp"

namespace warmstart::detail::cli {

/// Parse an item of `variables` or of `initialize`. Throw what `parse_job` throws.
[[nodiscard]] job_variable parse_variable(const json_value& from);
[[nodiscard]] job_call parse_call(const json_value& from, const std::string& directory);
/// Parses the fields beside `to` of a map's entry that is an object.
[[nodiscard]] transform parse_transform(const json_value& from, const std::string& directory);

/// Joins a relative path in a job to the job file's directory.
[[nodiscard]] std::string path_in(const std::string& directory, const std::string& spelled);

/// Runs `step`, and appends the problems that it throws.
template <class Step>
void collect_problems(std::vector<problem>& problems, Step step) {
  try {
    step();
  } catch (const error& bad) {
    problems.insert(problems.end(), bad.problems().begin(), bad.problems().end());
  }
}

}  // namespace warmstart::detail::cli

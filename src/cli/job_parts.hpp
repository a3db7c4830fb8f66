#pragma once

#include "cli/job.hpp"
#include "cli/json_fields.hpp"

namespace warmstart::detail::cli {

/// One of a job's `variables`, and one of its `initialize`. Throw as `parse_job`.
[[nodiscard]] job_variable parse_variable(const json_value& from);
[[nodiscard]] job_call parse_call(const json_value& from, const std::string& directory);
/// The other fields of an entry that is an object with `to`.
[[nodiscard]] transform parse_transform(const json_value& from, const std::string& directory);

/// A path of a job, relative ones joined to the job file's directory.
[[nodiscard]] std::string path_in(const std::string& directory, const std::string& spelled);

/// Does `step`, and keeps the problems that it throws.
template <class Step>
void collect_problems(std::vector<problem>& problems, Step step) {
  try {
    step();
  } catch (const error& bad) {
    problems.insert(problems.end(), bad.problems().begin(), bad.problems().end());
  }
}

}  // namespace warmstart::detail::cli

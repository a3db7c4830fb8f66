#pragma once

#include "cli/job.hpp"
#include "cli/json_fields.hpp"

namespace warmstart::cli {

/// One of a job's `variables`, and one of its `initialize`. Throw as `parse_job`.
[[nodiscard]] job_variable parse_variable(const json_value& from);
[[nodiscard]] job_call parse_call(const json_value& from, const std::string& directory);

/// Does `step`, and keeps the problems that it throws.
template <class Step>
void collect_problems(std::vector<problem>& problems, Step step) {
  try {
    step();
  } catch (const error& bad) {
    problems.insert(problems.end(), bad.problems().begin(), bad.problems().end());
  }
}

}  // namespace warmstart::cli

#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/commands.hpp"
#include "cli/job.hpp"

namespace warmstart::detail::cli {

/// A finished job: the report of the load, and the verification of the memory.
struct finished_job {
  resolved_job job;
  load_report report;
  verification_report resident;
};

/// The output of `run --json`.
[[nodiscard]] nlohmann::ordered_json run_json(const finished_job& done, const job_options& options);

/// The output of `run` as text: one line per variable, part and replica, or if there are many, per
/// device and checkpoint; then what was checked while reading and what was verified in memory.
[[nodiscard]] std::string run_text(const finished_job& done, const job_options& options);

}  // namespace warmstart::detail::cli

#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/commands.hpp"
#include "cli/job.hpp"

namespace warmstart::detail::cli {

/// A finished job: what was loaded, and what is resident now.
struct finished_job {
  resolved_job job;
  load_report report;
  verification_report resident;
};

/// What `run --json` answers with.
[[nodiscard]] nlohmann::ordered_json run_json(const finished_job& done, const job_options& options);

/// The same for people: a row for each variable, part and replica, or where there are many, one for
/// each device and checkpoint; then what was checked while it was read, and what was verified in
/// memory.
[[nodiscard]] std::string run_text(const finished_job& done, const job_options& options);

}  // namespace warmstart::detail::cli

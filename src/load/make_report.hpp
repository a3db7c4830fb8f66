#pragma once

#include "engine/load_engine.hpp"
#include "load/load_job.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {

/// Reports what a load of the job did, row by row, without its duration. `checksums`: whether
/// stored checksums were checked.
[[nodiscard]] load_report make_report(const store_state& store, const load_job& job,
                                      const load_result& loaded, bool checksums);

}  // namespace warmstart::detail

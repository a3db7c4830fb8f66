#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "io/file.hpp"
#include "model/assignment.hpp"
#include "model/catalog.hpp"
#include "model/variable_info.hpp"
#include "plan/transfer_plan.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {

/// The pending initializers of a store, with their plan.
struct load_job {
  store_rows loads;  ///< rows that a checkpoint initializes: the rows of the plan
  store_rows fills;  ///< rows that an initializer fills
  /// Keeps the variables alive: a callback may erase one during the load.
  std::vector<std::shared_ptr<const variable_state>> kept_alive;
  std::vector<std::shared_ptr<const catalog>> catalogs;
  std::vector<assignment> assignments;  ///< of `loads`, from `catalogs`
  read_mode mode = read_mode::buffered;
  plan_options options;
  transfer_plan plan;
};

/// Plans the pending initializers. Throws `out_of_memory` if the budget is too small.
[[nodiscard]] load_job make_load_job(const store_state& store, const load_options& options,
                                     read_mode mode, std::size_t reader_threads);

/// Plans the job again with another budget. Throws what `make_load_job` throws.
void plan_again(load_job& job, std::int64_t budget_bytes);

/// The smallest budget for which the job can be planned.
[[nodiscard]] std::int64_t least_staging_bytes(const load_job& job);

/// Throws if a file that the job needs has changed since it was opened.
void check_files(const load_job& job);

}  // namespace warmstart::detail

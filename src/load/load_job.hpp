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

/// The pending initializers of a store, planned.
struct load_job {
  store_rows loads;  ///< rows that a checkpoint initializes; the plan's rows
  store_rows fills;  ///< rows with an initializer of their own
  /// Of the rows: a callback may erase a variable while it is loaded.
  std::vector<std::shared_ptr<const variable_state>> kept_alive;
  std::vector<std::shared_ptr<const catalog>> catalogs;
  std::vector<assignment> assignments;  ///< of `loads`, from `catalogs`
  read_mode mode = read_mode::buffered;
  plan_options how;
  transfer_plan plan;
};

/// Throws `out_of_memory` if the budget does not suffice.
[[nodiscard]] load_job make_load_job(const store_state& store, const load_options& options,
                                     read_mode mode, std::size_t reader_threads);

/// Plans the job again, for that much staging memory. Throws as `make_load_job`.
void plan_again(load_job& job, std::int64_t budget_bytes);

/// The least staging memory that the job can be planned for.
[[nodiscard]] std::int64_t least_staging_bytes(const load_job& job);

/// Throws unless all files that the job needs are still those that were opened.
void check_files(const load_job& job);

}  // namespace warmstart::detail

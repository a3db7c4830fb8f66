#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "warmstart/links.hpp"
#include "warmstart/plan.hpp"

namespace warmstart::detail {

/// Bandwidths of a machine, in 10^9 bytes per second.
struct machine_speeds {
  double storage_gbps = 0;
  double memory_gbps = 0;  ///< of host memory, for reads and writes together; 0: no limit
  link_speeds links;
};

/// A resource that all bytes of some kind have to pass.
struct load_stage {
  std::string name;
  double seconds = 0;  ///< duration of this stage alone
};

struct predicted_load {
  std::vector<load_stage> stages;  ///< slowest first
  double seconds = 0;
};

/// Predicts the duration of a plan. All stages run concurrently, so the slowest one dominates:
///
///     + the time of a chunk in the other stages      before the slowest stage can start, and
///                                                    after it has done the last
///     or, with few slots, each slot's round trips    a slot is filled and then emptied
///
[[nodiscard]] predicted_load predict(const load_plan& plan, const machine_speeds& speeds);

}  // namespace warmstart::detail

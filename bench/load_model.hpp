#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "warmstart/links.hpp"
#include "warmstart/plan.hpp"

namespace warmstart::detail {

/// How fast bytes get through a machine, in 10^9 bytes per second.
struct machine_speeds {
  double storage_gbps = 0;
  double memory_gbps =
      0;  ///< the host's, for all that is written and read there together; 0: no limit
  link_speeds links;
};

/// One thing that all bytes of some kind have to pass.
struct load_stage {
  std::string name;
  double seconds = 0;  ///< alone
};

struct predicted_load {
  std::vector<load_stage> stages;  ///< the slowest first
  double seconds = 0;
};

/// What a plan takes. All stages are at work at the same time, so the slowest one counts, and
///
///     + the way of a chunk through the others        until the slowest has something to do, and
///                                                    after it has done the last
///     or, with few slots, each slot's round trips    a slot is filled, then emptied
///
[[nodiscard]] predicted_load predict(const load_plan& plan, const machine_speeds& speeds);

}  // namespace warmstart::detail

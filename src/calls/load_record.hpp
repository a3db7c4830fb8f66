#pragma once

#include <cstdint>
#include <vector>

#include "plan/transfer_plan.hpp"

namespace warmstart {

/// What a run leaves behind for `verify`: the plan's demands, extents and checks (its chunks are
/// dropped), and the checksums that were computed on the way.
struct load_record {
  transfer_plan plan;
  std::vector<std::uint32_t> expected;  ///< by row, of those whose check is `loaded`
  std::vector<std::int64_t> row_bytes;  ///< by row
};

}  // namespace warmstart

#pragma once

#include <cstdint>
#include <vector>

#include "calls/gap_checksums.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart {

/// What a run leaves behind for `verify`: the plan's demands, extents and checks (its chunks are
/// dropped), and the checksums that were computed on the way.
struct load_record {
  transfer_plan plan;
  /// By row, of those whose check is `loaded`: the checksum of what was read, without gaps.
  std::vector<std::uint32_t> expected;
  std::vector<recorded_gap> gaps;       ///< of all rows
  std::vector<std::int64_t> row_bytes;  ///< by row
};

}  // namespace warmstart

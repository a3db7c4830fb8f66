#pragma once

#include <cstdint>
#include <vector>

#include "plan/transfer_plan.hpp"

namespace warmstart {

/// What a run leaves behind for `verify`, as long as one of its rows lives.
struct load_record {
  /// Of the plan: checks with their demands, extents and the paths of their files, and
  /// `row_checks`.
  transfer_plan plan;
  std::vector<std::uint32_t> expected;  ///< by row, of those whose check is `loaded`; else empty
};

/// Takes from a plan what a record needs, and from the engine the checksums that it computed on the
/// way.
[[nodiscard]] load_record make_load_record(const transfer_plan& plan,
                                           std::vector<std::uint32_t> expected);

}  // namespace warmstart

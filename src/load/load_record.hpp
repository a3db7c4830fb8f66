#pragma once

#include <cstdint>
#include <vector>

#include "load/gap_checksums.hpp"
#include "plan/transfer_plan.hpp"
#include "variables/variable_state.hpp"

namespace warmstart::detail {

/// What a run leaves behind for `verify`, as long as one of its rows lives.
struct load_record final : kept_record {
  /// Of the plan: checks with their demands, extents and the paths of their files, and
  /// `row_checks`.
  transfer_plan plan;
  /// By row, of those whose check is `loaded`: the checksum of what was read, without gaps. Empty
  /// if there are none.
  std::vector<std::uint32_t> expected;
  std::vector<recorded_gap> gaps;  ///< of those rows
};

/// Takes from a plan what a record needs, and from the engine the checksums that it computed on the
/// way.
[[nodiscard]] load_record make_load_record(const transfer_plan& plan,
                                           std::vector<std::uint32_t> expected);

/// The record of the run that wrote the replica last; null: none.
[[nodiscard]] const load_record* record_of(const replica_state& replica) noexcept;

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <vector>

#include "load/gap_checksums.hpp"
#include "plan/transfer_plan.hpp"
#include "variables/variable_state.hpp"

namespace warmstart::detail {

/// The data that a run keeps for `verify` while one of its rows exists.
struct load_record final : kept_record {
  /// Contains only the checks, their demands, extents and file paths, and `row_checks`.
  transfer_plan plan;
  /// By row: the checksum of the bytes read, without gaps. Only valid for rows whose check is
  /// `loaded`; empty if there are none.
  std::vector<std::uint32_t> expected;
  std::vector<recorded_gap> gaps;  ///< of the rows whose check is `loaded`
};

/// Makes a record from a plan and from the checksums that the engine computed during the load.
[[nodiscard]] load_record make_load_record(const transfer_plan& plan,
                                           std::vector<std::uint32_t> expected);

/// The record of the last run that wrote the replica, or null.
[[nodiscard]] const load_record* record_of(const replica_state& replica) noexcept;

}  // namespace warmstart::detail

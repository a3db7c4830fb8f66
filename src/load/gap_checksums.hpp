#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "load/load_job.hpp"
#include "tensor/box.hpp"
#include "tensor/fill.hpp"

namespace warmstart::detail {

/// Elements of a loaded row that no stored data maps to. The row's expected checksum is that of the
/// bytes that were read; the partial CRCs of the gaps complete it.
struct recorded_gap {
  std::uint32_t row = 0;                 ///< index in the load
  slice in_row;                          ///< explicit, within the row
  slice in_variable;                     ///< the same elements within the whole variable
  shape row_shape;                       ///< of the row
  shape full_shape;                      ///< of the variable
  dtype type = dtype::invalid;           ///< of its elements
  std::optional<fill_spec> initializer;  ///< of the elements; empty: they are left alone
};

/// The gaps of a planned job.
[[nodiscard]] std::vector<recorded_gap> record_gaps(const load_job& job);

/// The partial CRC32C that initialized elements contribute to their row. Computes the elements
/// again, a few MiB at a time; initializers have the same bits on every device. Requires an
/// initializer.
[[nodiscard]] std::uint32_t initialized_remainder(const recorded_gap& gap);

/// The loops over a gap's bytes in its row.
struct gap_bytes {
  std::int64_t offset_bytes = 0;  ///< of the first run
  std::int64_t run_bytes = 0;
  std::vector<box_dimension> dimensions;
  std::int64_t following_bytes = 0;  ///< of the row after the first run
};
[[nodiscard]] gap_bytes resident_bytes_of(const recorded_gap& gap);

}  // namespace warmstart::detail

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/ledger.hpp"
#include "plan/transfer_plan.hpp"
#include "tensor/box.hpp"

namespace warmstart::detail {

/// Computes what copies contribute to the expected checksums of rows, from the bytes in the slot
/// and their positions in the row, so that `verify` detects copies that went wrong. For one thread.
class copy_expectations {
 public:
  copy_expectations(expectation_ledger& ledger, std::span<const std::int64_t> row_bytes)
      : ledger_(ledger), row_bytes_(row_bytes) {}

  /// Adds a planned copy of the bytes that are now at `data`.
  void add(const demand& wanted, const chunk_copy& copy, std::span<const box_dimension> dimensions,
           const std::byte* data);
  /// Adds bytes that are copied without conversion to `destination_bytes` in the row.
  void add_run(std::uint32_t row, const std::byte* data, std::int64_t destination_bytes,
               std::int64_t run_bytes) {
    add_bytes(row, data, destination_bytes, run_bytes, {});
  }

 private:
  void add_bytes(std::uint32_t row, const std::byte* data, std::int64_t destination_bytes,
                 std::int64_t run_bytes, std::span<const box_dimension> dimensions);
  void add_converted(const demand& wanted, const std::byte* data, std::int64_t destination_bytes,
                     std::int64_t run, std::span<const box_dimension> dimensions);
  void convert(const demand& wanted, const std::byte* data, std::int64_t destination_bytes,
               std::int64_t run, std::span<const box_dimension> dimensions);

  expectation_ledger& ledger_;
  std::span<const std::int64_t> row_bytes_;
  // Kept for their memory:
  std::vector<std::byte> converted_;
  std::vector<box_dimension> loops_;
  std::vector<box_dimension> sorted_;
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "formats/tensorflow/slices/slices_records.hpp"
#include "formats/tensorflow/sstable/table_scan.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// A data record, as the scan of its file found it.
struct data_record {
  std::int64_t offset_bytes = 0;  ///< in the file; if `compressed`, in the block's contents
  std::int64_t size_bytes = 0;
  std::uint32_t crc32c = 0;
  std::optional<packed_values> packed;
  std::uint32_t packed_crc32c = 0;
  block_handle block;
  bool compressed = false;
  std::string checked_with;                   ///< see `scanned_entry`
  std::optional<piece_reference> piece = {};  ///< the catalog's piece for it
};

[[nodiscard]] data_record record_of(const scanned_entry& entry);

}  // namespace warmstart::detail

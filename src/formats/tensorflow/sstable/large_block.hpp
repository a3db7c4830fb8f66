#pragma once

#include <cstdint>
#include <functional>

#include "base/units.hpp"
#include "formats/tensorflow/sstable/key_order.hpp"
#include "formats/tensorflow/sstable/table_blocks.hpp"
#include "formats/tensorflow/sstable/table_scan.hpp"

namespace warmstart::detail {

inline constexpr std::int64_t large_bytes = 64 * kibibyte;  ///< of blocks, and of values

/// Visits the entries of a block that is not compressed; large values are not read, as
/// `table_scan.hpp` says. Throws as `table_blocks`.
void scan_large_block(table_blocks& blocks, const block_handle& handle,
                      const block_trailer& trailer, key_order& order,
                      const std::function<void(const scanned_entry&)>& visit);

}  // namespace warmstart::detail

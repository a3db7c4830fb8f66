#pragma once

#include <cstdint>
#include <functional>

#include "base/units.hpp"
#include "formats/tensorflow/sstable/key_order.hpp"
#include "formats/tensorflow/sstable/table_blocks.hpp"
#include "formats/tensorflow/sstable/table_scan.hpp"

namespace warmstart::detail {

inline constexpr std::int64_t large_bytes = 64 * kibibyte;  ///< larger blocks and values are large

/// Visits the entries of an uncompressed block without reading large values (see `table_scan.hpp`).
/// Throws what `table_blocks` throws.
void scan_large_block(table_blocks& blocks, const block_handle& handle,
                      const block_trailer& trailer, key_order& order,
                      const std::function<void(const scanned_entry&)>& visit);

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "formats/tensorflow/sstable/table_blocks.hpp"
#include "io/file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// An entry of a table. Its value may not have been read.
struct scanned_entry {
  std::string_view key;    ///< valid during the visit
  std::string_view value;  ///< valid during the visit; may be only the first bytes
  std::int64_t value_bytes = 0;
  std::uint32_t value_crc32c = 0;
  block_handle block;
  bool compressed = false;        ///< whether the block is
  std::int64_t offset_bytes = 0;  ///< of the value: in the file; if compressed, in the block
  /// Not empty: the block has not been checked yet. Reading the value of this key, in the same
  /// block, and comparing it with its computed checksum checks the whole block.
  std::string_view checked_with;
};

/// Finds the entries of a table with large values, in time and memory proportional to the keys. Of
/// a value above 64 KiB in an uncompressed block, reads only the first bytes: 4 KiB plus the length
/// of the key. Always reads the whole value of the empty key.
///
///     block   key, value │ key, first bytes ░░░░░░░░░░░ │ type │ checksum of all
///             read         read             not read
///
/// The checksum of one unread value in a block is computed: the block's checksum without all other
/// bytes. If anything in the block is damaged, that value will not match its checksum. (If a block
/// has several large values, all but one are read; no writer makes such blocks.) All other blocks,
/// and that of the empty key, are checked during the scan.
///
/// Throws what `read_table` throws, except that a damaged data block is passed to `damaged` and the
/// scan continues after it. `visit` must not throw.
void scan_table(const file& from, const std::function<void(const scanned_entry&)>& visit,
                const std::function<void(const error&)>& damaged);

/// Reads an uncompressed block in pieces, and checks its checksum. Throws what `read_table` throws.
void check_block(const file& from, const block_handle& block);

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "formats/tensorflow/sstable/table_blocks.hpp"
#include "io/file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// An entry of a table, its value found but not necessarily read.
struct scanned_entry {
  std::string_view key;    ///< valid during the visit
  std::string_view value;  ///< likewise; its first bytes, or all of it
  std::int64_t value_bytes = 0;
  std::uint32_t value_crc32c = 0;
  block_handle block;
  bool compressed = false;        ///< the block is
  std::int64_t offset_bytes = 0;  ///< of the value: in the file, or in the contents of its block
  /// Not empty: the block has not been verified. It is when the value of this key, in the same
  /// block, turns out to have the checksum that was worked out for it.
  std::string_view verified_with;
};

/// Finds the entries of a table whose values are data, in time and memory of the keys: of a value
/// above 64 KiB in a block that is not compressed only the beginning is read, 4 KiB and the length
/// of the key. The value of the empty key is always read whole.
///
///     block   key, value │ key, beginning ░░░░░░░░░░░ │ type │ checksum of all
///             read         read           left out
///
/// One value that is left out of a block needs no checksum of its own: it is what the block's
/// leaves when all other bytes are taken away. Whatever is damaged in the block, that value will
/// not match. (Of several all but one are read for theirs; no writer makes such blocks.) All other
/// blocks are verified, and that of the empty key.
///
/// Throws as `read_table`; but a data block that is damaged is passed to `damaged`, and the scan
/// goes on behind it. `visit` must not throw.
void scan_table(const file& from, const std::function<void(const scanned_entry&)>& visit,
                const std::function<void(const error&)>& damaged);

/// Reads a block that is not compressed, piece by piece, and compares its checksum. Throws as
/// `read_table`.
void verify_block(const file& from, const block_handle& block);

}  // namespace warmstart::detail

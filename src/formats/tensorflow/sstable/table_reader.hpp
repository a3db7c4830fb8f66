#pragma once

#include <functional>
#include <string_view>

#include "formats/tensorflow/sstable/key_order.hpp"
#include "formats/tensorflow/sstable/table_blocks.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

// An immutable sorted table in LevelDB's format, without filters (specification A1.3):
//
//     data blocks │ metaindex block (empty) │ index block │ footer, 48 bytes
//
//     block   contents, 1 byte compression (0 none, 1 Snappy), masked CRC32C of both
//     footer  handle of the metaindex, handle of the index, zeros up to byte 40, magic

/// Visits all entries of a table once, in order. Checks every handle against the file's size before
/// it allocates memory, and the checksum of every block. Throws `corrupt` also if keys do not
/// ascend strictly, or are longer in all than 64 MiB and 64 times the file; `unsupported` for an
/// unknown compression; what `visit` throws; and what reading throws. Messages name file, offset,
/// expected and found.
void read_table(const file& from, const std::function<void(const table_entry&)>& visit);

/// A data block to read, and its key in the index: no key of the block is greater.
struct data_block {
  block_handle handle;
  std::string_view separator;
};

/// Reads footer, metaindex and index, and visits the data blocks. The visitor has to pass each
/// block's keys, and its end, to the `key_order`.
void for_each_block(const file& from,
                    const std::function<void(table_blocks&, const data_block&, key_order&)>& visit);

/// True if the file ends with a table's magic number. Throws what reading throws.
[[nodiscard]] bool is_table(const file& from);

}  // namespace warmstart::detail

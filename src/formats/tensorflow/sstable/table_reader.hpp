#pragma once

#include <functional>
#include <string_view>

#include "formats/tensorflow/sstable/key_order.hpp"
#include "formats/tensorflow/sstable/table_blocks.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

// An immutable sorted table, as LevelDB writes them without filters (specification A1.3):
//
//     data blocks │ metaindex block (empty) │ index block │ footer, 48 bytes
//
//     block   contents, 1 byte compression (0 none, 1 Snappy), masked CRC32C of both
//     footer  handle of the metaindex, handle of the index, zeros up to byte 40, magic

/// Visits all entries of a table in order, each once. Every handle is checked against the file
/// before anything is allocated, and every checksum is compared, the metaindex block's too. Keys
/// ascend strictly, and are no longer in all than 64 times the file, or 64 MiB. Throws `corrupt`
/// (or `unsupported` for an unknown compression), naming file, offset, what was expected and what
/// was found; what `visit` throws; and what reading throws.
void read_table(const file& from, const std::function<void(const table_entry&)>& visit);

/// A data block that is left to read, and the key in the index that no key of it is beyond.
struct data_block {
  block_handle handle;
  std::string_view separator;
};

/// Visits the data blocks, after footer, metaindex and index have been read. Whoever reads them
/// tells the order of the keys.
void for_each_block(const file& from,
                    const std::function<void(table_blocks&, const data_block&, key_order&)>& visit);

/// True if the file ends with a table's magic number. Throws what reading throws.
[[nodiscard]] bool is_table(const file& from);

}  // namespace warmstart::detail

#include "formats/tensorflow/sstable/table_scan.hpp"

#include <span>
#include <string>

#include "checksum/crc32c.hpp"
#include "formats/tensorflow/sstable/large_block.hpp"
#include "formats/tensorflow/sstable/table_reader.hpp"

namespace warmstart::detail {
namespace {

void scan_whole(table_blocks& blocks, const block_handle& handle, bool compressed, key_order& order,
                const std::function<void(const scanned_entry&)>& visit) {
  const std::string contents = blocks.read(handle);
  blocks.for_each_entry(contents, handle.offset, [&](const table_entry& one) {
    order.add(one.key, handle.offset);
    const std::int64_t within = one.value.data() - contents.data();
    visit({.key = one.key,
           .value = one.value,
           .value_bytes = static_cast<std::int64_t>(one.value.size()),
           .value_crc32c = crc32c(std::as_bytes(std::span(one.value))),
           .block = handle,
           .compressed = compressed,
           .offset_bytes = compressed ? within : handle.offset + within});
  });
}

}  // namespace

void scan_table(const file& from, const std::function<void(const scanned_entry&)>& visit,
                const std::function<void(const error&)>& damaged) {
  for_each_block(from, [&](table_blocks& blocks, const data_block& data, key_order& order) {
    const block_handle& handle = data.handle;
    try {
      const block_trailer trailer = blocks.read_trailer(handle);
      if (trailer.compression == 0 && handle.size > large_bytes) {
        scan_large_block(blocks, handle, trailer, order, visit);
      } else {
        scan_whole(blocks, handle, trailer.compression != 0, order, visit);
      }
      order.end_block(data.separator, handle.offset);
    } catch (const error& bad) {
      if (bad.code() != error_code::corrupt) throw;
      order.skip_block(data.separator);
      damaged(bad);
    }
  });
}

void check_block(const file& from, const block_handle& block) {
  const table_blocks blocks(from);
  const std::uint32_t expected = blocks.read_trailer(block).crc32c;
  const std::uint32_t found =
      crc32c_finish(blocks.remainder(block.offset, block.size + 1), block.size + 1);
  if (found != expected) blocks.refuse_checksum(block, expected, found);
}

}  // namespace warmstart::detail

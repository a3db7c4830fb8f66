#include "formats/tensorflow/sstable/table_reader.hpp"

#include <string>

namespace warmstart::detail {

void read_table(const file& from, const std::function<void(const table_entry&)>& visit) {
  for_each_block(from, [&](table_blocks& blocks, const data_block& data, key_order& order) {
    blocks.for_each_entry(blocks.read(data.handle), data.handle.offset,
                          [&](const table_entry& one) {
                            order.add(one.key, data.handle.offset);
                            visit(one);
                          });
    order.end_block(data.separator, data.handle.offset);
  });
}

void for_each_block(
    const file& from,
    const std::function<void(table_blocks&, const data_block&, key_order&)>& visit) {
  table_blocks blocks(from);
  const table_blocks::footer footer = blocks.read_footer();
  const block_handle& metaindex = footer.metaindex;
  const block_handle& index = footer.index;
  blocks.for_each_entry(blocks.read(metaindex), metaindex.offset, [&](const table_entry&) {
    blocks.refuse(metaindex.offset, "the metaindex block is not empty");
  });
  key_order order(blocks);
  const std::string contents = blocks.read(index);
  blocks.for_each_entry(contents, index.offset, [&](const table_entry& entry) {
    byte_reader value(entry.value);
    const block_handle data = blocks.take_handle(value, index.offset);
    order.begin_block(entry.key, index.offset);
    visit(blocks, {.handle = data, .separator = entry.key}, order);
  });
}

}  // namespace warmstart::detail

// The index of a V2 checkpoint, byte for byte; but the checksums of its blocks are made right, or
// they would keep everything else from being looked at.

#include <algorithm>
#include <cstring>
#include <optional>

#include "formats/table/byte_reader.hpp"
#include "formats/tensor_bundle/bundle_reader.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::test {
namespace {

struct block_place {
  std::size_t begin = 0;
  std::size_t size = 0;
};

std::optional<block_place> take_place(byte_reader& from, std::size_t room) {
  const auto begin = from.varint();
  const auto size = from.varint();
  if (!begin || !size || *begin > room || *size > room - *begin || room - *begin - *size < 5) {
    return std::nullopt;
  }
  return block_place{.begin = *begin, .size = *size};
}

void sign(std::string& table, const block_place& block) {
  const auto covered = std::as_bytes(std::span(table)).subspan(block.begin, block.size + 1);
  const std::string checksum = u32le(mask_crc(crc32c(covered)));
  table.replace(block.begin + block.size + 1, 4, checksum);
}

/// Signs the data blocks that an index block, which is not compressed, names.
void sign_data_blocks(std::string& table, const block_place& index, std::size_t room) {
  const std::string entries = table.substr(index.begin, index.size);
  for (byte_reader reader(entries); !reader.at_end();) {
    const auto shared = reader.varint();
    const auto unshared = reader.varint();
    const auto value_bytes = reader.varint();
    if (!shared || !unshared || !value_bytes || !reader.bytes(*unshared)) return;
    const auto value = reader.bytes(*value_bytes);
    if (!value) return;
    byte_reader handle(*value);
    if (const auto data = take_place(handle, room)) sign(table, *data);
  }
}

std::string with_checksums(std::string table) {
  constexpr std::size_t FOOTER_BYTES = 48;
  if (table.size() < FOOTER_BYTES) return table;
  const std::size_t room = table.size() - FOOTER_BYTES;
  const std::string footer = table.substr(room, 40);
  byte_reader handles(footer);
  const auto metaindex = take_place(handles, room);
  const auto index = metaindex ? take_place(handles, room) : std::nullopt;
  if (!index) return table;
  sign_data_blocks(table, *index, room);
  sign(table, *metaindex);
  sign(table, *index);
  return table;
}

}  // namespace

void fuzz_bundle_index(std::string_view input) {
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(with_checksums(std::string(input))));
  files.put("m.data-00000-of-00001", std::vector<std::byte>(4096));
  catalog source;
  if (accepts("m.index", [&] { source = read_bundle(files, "m"); })) use_catalog(files, source);
}

}  // namespace warmstart::test

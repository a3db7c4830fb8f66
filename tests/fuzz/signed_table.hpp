#pragma once

#include <optional>
#include <span>
#include <string>

#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "support/table_writer.hpp"

namespace warmstart::detail::test {

struct block_place {
  std::size_t begin = 0;
  std::size_t size = 0;
};

inline std::optional<block_place> take_place(byte_reader& from, std::size_t room) {
  const auto begin = from.varint();
  const auto size = from.varint();
  if (!begin || !size || *begin > room || *size > room - *begin || room - *begin - *size < 5) {
    return std::nullopt;
  }
  return block_place{.begin = *begin, .size = *size};
}

inline void sign(std::string& table, const block_place& block) {
  const auto covered = std::as_bytes(std::span(table)).subspan(block.begin, block.size + 1);
  const std::string checksum = u32le(mask_crc(crc32c(covered)));
  table.replace(block.begin + block.size + 1, 4, checksum);
}

/// Signs the data blocks that an index block, which is not compressed, names.
inline void sign_data_blocks(std::string& table, const block_place& index, std::size_t room) {
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

/// A table as it is but for the checksums of its blocks, which become right: they would keep
/// everything else from being looked at.
inline std::string with_checksums(std::string table) {
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

}  // namespace warmstart::detail::test

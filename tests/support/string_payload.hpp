#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checksum/crc32c.hpp"
#include "formats/tensorflow/sstable/masked_crc.hpp"
#include "support/bundle_writer.hpp"
#include "support/table_writer.hpp"

namespace warmstart::detail::test {

/// A string tensor as TensorFlow stores it, and its checksum.
struct encoded_strings {
  std::string payload;
  std::uint32_t crc = 0;
};

inline encoded_strings encode_strings(const std::vector<std::string>& values,
                                      bool big_endian = false) {
  encoded_strings made;
  const auto extend = [&](const std::string& bytes) {
    made.crc = crc32c(std::as_bytes(std::span(bytes)), made.crc);
  };
  const auto ordered = [&](std::uint32_t value) {
    return u32le(big_endian ? __builtin_bswap32(value) : value);
  };
  for (const std::string& value : values) {
    made.payload += varint(value.size());
    extend(ordered(static_cast<std::uint32_t>(value.size())));
  }
  const std::string lengths_crc = ordered(mask_crc(made.crc));
  made.payload += lengths_crc;
  extend(lengths_crc);
  for (const std::string& value : values) {
    made.payload += value;
    extend(value);
  }
  return made;
}

/// A string tensor with that payload.
inline bundle_writer& add_strings(bundle_writer& writer, const std::string& name, const shape& of,
                                  const encoded_strings& stored, std::int64_t shard = 0) {
  auto entry = writer.place(dtype::string, of, stored.payload, shard);
  entry.crc = stored.crc;
  return writer.raw(name, bundle_writer::record(entry));
}

}  // namespace warmstart::detail::test

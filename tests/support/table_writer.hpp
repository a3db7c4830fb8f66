#pragma once

#include <leveldb/env.h>
#include <leveldb/options.h>
#include <leveldb/table_builder.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "checksum/crc32c.hpp"
#include "formats/tensorflow/sstable/masked_crc.hpp"

namespace warmstart::detail::test {

using table_entries = std::vector<std::pair<std::string, std::string>>;

/// A table as leveldb writes it. Keys must ascend.
inline std::string leveldb_table(const table_entries& entries, std::size_t block_bytes = 262144,
                                 bool snappy = false) {
  class memory_file final : public leveldb::WritableFile {
   public:
    leveldb::Status Append(const leveldb::Slice& data) override {
      text.append(data.data(), data.size());
      return leveldb::Status::OK();
    }
    leveldb::Status Close() override { return leveldb::Status::OK(); }
    leveldb::Status Flush() override { return leveldb::Status::OK(); }
    leveldb::Status Sync() override { return leveldb::Status::OK(); }
    std::string text;
  };
  leveldb::Options options;
  options.block_size = block_bytes;
  options.compression = snappy ? leveldb::kSnappyCompression : leveldb::kNoCompression;
  memory_file file;
  leveldb::TableBuilder builder(options, &file);
  for (const auto& [key, value] : entries) builder.Add(key, value);
  builder.Finish();
  return file.text;
}

inline std::string u32le(std::uint32_t value) {
  std::string text;
  for (int i = 0; i < 4; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

inline std::string u64le(std::uint64_t value) {
  return u32le(static_cast<std::uint32_t>(value)) + u32le(static_cast<std::uint32_t>(value >> 32U));
}

inline std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7U) text += static_cast<char>(value | 0x80U);
  return text + static_cast<char>(value);
}

/// Tables assembled by hand: all checksums are right; other fields may be wrong on request.
class raw_table {
 public:
  struct handle {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };

  /// Entries that share nothing, with one restart.
  static std::string block(const table_entries& entries) {
    std::string text;
    for (const auto& [key, value] : entries) {
      text += varint(0) + varint(key.size()) + varint(value.size()) + key + value;
    }
    return text + u32le(0) + u32le(1);
  }

  handle add(const std::string& contents, char compression = 0) {
    const handle made{.offset = text_.size(), .size = contents.size()};
    const std::string covered = contents + compression;
    text_ += covered + u32le(mask_crc(crc32c(std::as_bytes(std::span(covered)))));
    return made;
  }

  static std::string encoded(const handle& of) { return varint(of.offset) + varint(of.size); }

  std::string finish(const handle& metaindex, const handle& index) const {
    return finish_with(encoded(metaindex) + encoded(index));
  }
  std::string finish_with(std::string footer) const {
    footer.resize(40, '\0');
    return text_ + footer + u64le(0xDB4775248B80FB57U);
  }

 private:
  std::string text_;
};

}  // namespace warmstart::detail::test

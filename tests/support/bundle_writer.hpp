#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checksum/crc32c.hpp"
#include "formats/tensorflow/shared/slice_key.hpp"
#include "formats/tensorflow/sstable/masked_crc.hpp"
#include "support/memory_files.hpp"
#include "support/table_writer.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail::test {

/// Writes tensor bundles, including ones that TensorFlow would not write.
class bundle_writer {
 public:
  /// An index record; every field is written as given.
  struct entry {
    std::int64_t type = 1;
    std::vector<std::int64_t> sizes;
    std::int64_t shard = 0;
    std::int64_t offset = 0;
    std::int64_t size = 0;
    std::uint32_t crc = 0;  ///< not masked
    std::vector<slice> slices;
  };

  explicit bundle_writer(std::int64_t shards = 1) : shards_(static_cast<std::size_t>(shards)) {
    header(header_record(shards, false));
  }

  static std::string header_record(std::int64_t shards, bool big_endian, std::int64_t producer = 1,
                                   std::int64_t min_consumer = 0,
                                   const std::vector<std::int32_t>& bad_consumers = {}) {
    std::string text;
    protozero::pbf_writer writer(text);
    writer.add_int64(1, shards);
    if (big_endian) writer.add_enum(2, 1);
    std::string version_text;
    protozero::pbf_writer version(version_text);
    version.add_int64(1, producer);
    if (min_consumer != 0) version.add_int64(2, min_consumer);
    if (!bad_consumers.empty()) {
      version.add_packed_int32(3, bad_consumers.begin(), bad_consumers.end());
    }
    writer.add_message(3, version_text);
    return text;
  }

  static std::string record(const entry& of) {
    std::string text;
    protozero::pbf_writer writer(text);
    if (of.type != 0) writer.add_int64(1, of.type);
    std::string sizes;
    protozero::pbf_writer shape_writer(sizes);
    for (const std::int64_t size : of.sizes) {
      std::string dimension;
      if (size != 0) protozero::pbf_writer(dimension).add_int64(1, size);
      shape_writer.add_message(2, dimension);
    }
    writer.add_message(2, sizes);
    if (of.shard != 0) writer.add_int64(3, of.shard);
    if (of.offset != 0) writer.add_int64(4, of.offset);
    if (of.size != 0) writer.add_int64(5, of.size);
    if (of.slices.empty()) writer.add_fixed32(6, mask_crc(of.crc));
    for (const slice& one : of.slices) writer.add_message(7, slice_record(one));
    return text;
  }

  static std::string slice_record(const slice& of) {
    std::string text;
    for (const slice_extent& extent : of.extents()) {
      std::string inner;
      protozero::pbf_writer writer(inner);
      if (extent.start != 0) writer.add_int64(1, extent.start);
      if (extent.length != -1) writer.add_int64(2, extent.length);
      protozero::pbf_writer(text).add_message(1, inner);
    }
    return text;
  }

  bundle_writer& header(std::string record) {
    records_[""] = std::move(record);
    return *this;
  }
  bundle_writer& raw(const std::string& key, std::string record) {
    records_[key] = std::move(record);
    return *this;
  }

  /// Bytes between the end of a payload and the next.
  bundle_writer& alignment(std::size_t bytes) {
    alignment_ = bytes;
    return *this;
  }

  /// A whole tensor; `bytes` are stored as given.
  bundle_writer& tensor(const std::string& name, dtype type, const shape& of,
                        const std::string& bytes, std::int64_t shard = 0) {
    return raw(name, record(place(type, of, bytes, shard)));
  }

  /// A partitioned tensor: slices with the spelling that is stored, and their bytes.
  bundle_writer& partitioned(const std::string& name, dtype type, const shape& of,
                             const std::vector<std::pair<slice, std::string>>& parts,
                             std::int64_t shard = 0) {
    entry whole{.type = static_cast<std::int64_t>(type), .sizes = of.sizes()};
    for (const auto& [where, bytes] : parts) {
      whole.slices.push_back(where);
      raw(encode_slice_key(name, where),
          record(place(type, where.within(of).lengths(), bytes, shard)));
    }
    return raw(name, record(whole));
  }

  /// Appends to a shard and returns the entry.
  entry place(dtype type, const shape& of, const std::string& bytes, std::int64_t shard = 0) {
    std::string& data = shards_.at(static_cast<std::size_t>(shard));
    entry made{.type = static_cast<std::int64_t>(type),
               .sizes = of.sizes(),
               .shard = shard,
               .offset = static_cast<std::int64_t>(data.size()),
               .size = static_cast<std::int64_t>(bytes.size()),
               .crc = crc32c(std::as_bytes(std::span(bytes)))};
    data += bytes;
    data.resize((data.size() + alignment_ - 1) / alignment_ * alignment_, '\0');
    return made;
  }

  [[nodiscard]] std::string index(std::size_t block_bytes = 262144, bool snappy = false) const {
    return leveldb_table({records_.begin(), records_.end()}, block_bytes, snappy);
  }
  [[nodiscard]] const std::vector<std::string>& shards() const { return shards_; }

  void write(const std::string& prefix) const {
    write_file(prefix + ".index", index());
    for (std::size_t i = 0; i < shards_.size(); ++i) write_file(data_path(prefix, i), shards_[i]);
  }
  void write(memory_files& to, const std::string& prefix) const {
    to.put(prefix + ".index", bytes_of(index()));
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      to.put(data_path(prefix, i), bytes_of(shards_[i]));
    }
  }

  [[nodiscard]] std::string data_path(const std::string& prefix, std::size_t shard) const {
    char suffix[40];
    std::snprintf(suffix, sizeof(suffix), ".data-%05zu-of-%05zu", shard, shards_.size());
    return prefix + suffix;
  }

  static std::vector<std::byte> bytes_of(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }

 private:
  std::map<std::string, std::string> records_;
  std::vector<std::string> shards_;
  std::size_t alignment_ = 1;
};

/// The bytes of numbers.
template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

/// 0, 1, 2, ...
template <class Number>
std::vector<Number> counted(std::size_t count) {
  std::vector<Number> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(static_cast<Number>(i));
  return numbers;
}

}  // namespace warmstart::detail::test

#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "formats/tensorflow/shared/slice_key.hpp"
#include "formats/tensorflow/slices/tensor_values.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/table_writer.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail::test {

/// Writes files of V1 checkpoints, including ones that TensorFlow would not write.
class slices_writer {
 public:
  /// Slices with the spelling that is stored, and the TensorProto of their values.
  using slice_values = std::vector<std::pair<slice, std::string>>;

  slices_writer& listed(const std::string& name, std::int64_t type, const shape& of,
                        const std::vector<slice>& slices) {
    std::string text;
    protozero::pbf_writer writer(text);
    writer.add_string(1, name);
    writer.add_message(2, shape_record(of));
    if (type != 0) writer.add_int64(3, type);
    for (const slice& one : slices) writer.add_message(4, bundle_writer::slice_record(one));
    protozero::pbf_writer(meta_).add_message(1, text);
    return *this;
  }
  slices_writer& raw(const std::string& key, std::string record) {
    records_[key] = std::move(record);
    return *this;
  }
  slices_writer& version(const std::string& record) {
    version_ = record;
    return *this;
  }

  slices_writer& sliced(const std::string& name, dtype type, const shape& of,
                        const slice_values& values) {
    std::vector<slice> slices;
    for (const auto& [where, tensor] : values) {
      slices.push_back(where);
      raw(encode_slice_key(name, where), data_record(name, where, tensor));
    }
    return listed(name, static_cast<std::int64_t>(type), of, slices);
  }
  /// A whole tensor, from its bytes in memory.
  slices_writer& tensor(const std::string& name, dtype type, const shape& of,
                        const std::string& bytes) {
    return sliced(name, type, of, {{whole(of), packed(type, bytes)}});
  }
  slices_writer& strings(const std::string& name, const std::vector<std::string>& values) {
    std::string text;
    protozero::pbf_writer writer(text);
    for (const std::string& one : values) writer.add_bytes(STRING_FIELD, one);
    const shape of({static_cast<std::int64_t>(values.size())});
    return sliced(name, dtype::string, of, {{whole(of), text}});
  }

  /// The slice that covers a whole tensor, as V1 spells it.
  static slice whole(const shape& of) {
    return slice(std::vector<slice_extent>(static_cast<std::size_t>(of.rank())));
  }

  static std::string data_record(const std::string& name, const slice& where,
                                 const std::string& tensor) {
    std::string data;
    protozero::pbf_writer writer(data);
    writer.add_string(1, name);
    writer.add_message(2, bundle_writer::slice_record(where));
    writer.add_message(3, tensor);
    std::string text;
    protozero::pbf_writer(text).add_message(2, data);
    return text;
  }

  /// A TensorProto as TensorFlow writes it, from bytes in memory.
  static std::string packed(dtype type, const std::string& bytes) {
    const value_field field = *value_field_of(type);
    std::string text;
    protozero::pbf_writer(text).add_bytes(field.number,
                                          field.element_bytes != 0 ? bytes : varints(type, bytes));
    return text;
  }

  static std::string varints(dtype type, const std::string& bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += size_of(type)) {
      text += varint(element(type, bytes.data() + at));
    }
    return text;
  }

  [[nodiscard]] std::string file(std::size_t block_bytes = 4096, bool snappy = false) const {
    std::string meta = meta_;
    protozero::pbf_writer(meta).add_message(2, version_);
    std::string text;
    protozero::pbf_writer(text).add_message(1, meta);
    table_entries entries = {{"", text}};
    entries.insert(entries.end(), records_.begin(), records_.end());
    return leveldb_table(entries, block_bytes, snappy);
  }
  void write(const std::string& path) const { write_file(path, file()); }
  void write(memory_files& to, const std::string& path) const {
    to.put(path, bundle_writer::bytes_of(file()));
  }

 private:
  static std::string shape_record(const shape& of) {
    std::string text;
    for (const std::int64_t size : of.sizes()) {
      std::string dimension;
      if (size != 0) protozero::pbf_writer(dimension).add_int64(1, size);
      protozero::pbf_writer(text).add_message(2, dimension);
    }
    return text;
  }

  // Signed ones are extended to 64 bits.
  static std::uint64_t element(dtype type, const char* at) {
    std::int64_t value = 0;
    std::memcpy(&value, at, size_of(type));
    const bool is_signed = type == dtype::int8 || type == dtype::int16 || type == dtype::int32 ||
                           type == dtype::qint8 || type == dtype::qint32;
    const int unused = 64 - 8 * static_cast<int>(size_of(type));
    return is_signed ? static_cast<std::uint64_t>(value << unused >> unused)
                     : static_cast<std::uint64_t>(value);
  }

  std::string meta_;
  std::string version_ = "\x08\x01";
  std::map<std::string, std::string> records_;
};

}  // namespace warmstart::detail::test

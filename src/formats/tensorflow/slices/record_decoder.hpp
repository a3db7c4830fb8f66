#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tensorflow/sstable/table_blocks.hpp"
#include "io/file.hpp"
#include "warmstart/dtype.hpp"

namespace warmstart::detail {

/// The elements of one data record that are not stored as they are in memory.
struct encoded_elements {
  dtype type = dtype::invalid;    ///< string: the record itself is asked for
  std::int64_t elements = 0;      ///< of strings: bytes
  std::string tensor;             ///< for messages
  std::int64_t offset_bytes = 0;  ///< of what is encoded, in the file or in its block's contents
  std::int64_t size_bytes = 0;
  std::uint32_t crc32c = 0;  ///< of it
  bool varints = false;      ///< one after another; else a data record in some other spelling
  bool compressed = false;   ///< within a block that is
  block_handle block;

  [[nodiscard]] std::int64_t decoded_bytes() const {
    return type == dtype::string ? elements : elements * static_cast<std::int64_t>(size_of(type));
  }
};

/// Where a range of a record's decoded bytes is to go.
class destination {
 public:
  /// The buffers take the bytes from `begin` on, one after another.
  destination(std::int64_t begin, std::span<const std::span<std::byte>> buffers);

  [[nodiscard]] std::int64_t begin() const { return begin_; }
  [[nodiscard]] std::int64_t end() const { return end_; }
  /// `bytes` stand at `offset`; what is not asked for is left out.
  void put(std::int64_t offset, std::string_view bytes) const;

 private:
  std::int64_t begin_;
  std::int64_t end_;
  std::span<const std::span<std::byte>> buffers_;
};

/// Decodes one record of an open file; thread safe. Varints are read in windows of 32 KiB, which a
/// first pass over all of them finds; it compares their checksum, too. Other spellings, which no
/// writer uses, are decoded as a whole every time.
class record_decoder {
 public:
  record_decoder(const file& from, const encoded_elements& record) : from_(from), record_(record) {}

  /// `to` counts from the record's first element. Throws `corrupt`, and what reading throws.
  void read(const destination& to);

 private:
  /// A part of the varints.
  struct window {
    std::int64_t offset = 0;  ///< within what is encoded
    std::int64_t size_bytes = 0;
    std::int64_t first_element = 0;
    std::uint32_t crc32c = 0;
  };

  void find_windows_once();
  void find_windows();
  [[nodiscard]] std::string decode(const window& which) const;
  [[nodiscard]] std::string decode_whole() const;
  [[nodiscard]] std::string read_encoded(std::int64_t offset, std::int64_t size) const;
  void compare_checksum(std::uint32_t found, std::uint32_t expected) const;
  void compare_count(std::int64_t found) const;
  [[noreturn]] void refuse(const std::string& why) const;

  const file& from_;
  const encoded_elements& record_;
  std::mutex finding_;
  bool looked_ = false;
  std::exception_ptr damage_;
  std::vector<window> windows_;  ///< not changed once they are found
};

}  // namespace warmstart::detail

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

/// The elements of one data record that have to be decoded.
struct encoded_elements {
  dtype type = dtype::invalid;    ///< string: readers want the record itself
  std::int64_t elements = 0;      ///< for strings: bytes of the record
  std::string tensor;             ///< for messages
  std::int64_t offset_bytes = 0;  ///< of the encoding, in the file or its block's contents
  std::int64_t size_bytes = 0;
  std::uint32_t crc32c = 0;  ///< of the encoding
  bool varints = false;      ///< packed varints; else a data record in another encoding
  bool compressed = false;   ///< its block is
  block_handle block;

  [[nodiscard]] std::int64_t decoded_bytes() const {
    return type == dtype::string ? elements : elements * static_cast<std::int64_t>(size_of(type));
  }
};

/// The buffers for a range of a record's decoded bytes.
class destination {
 public:
  /// The buffers, in order, take the decoded bytes from `begin` on.
  destination(std::int64_t begin, std::span<const std::span<std::byte>> buffers);

  [[nodiscard]] std::int64_t begin() const { return begin_; }
  [[nodiscard]] std::int64_t end() const { return end_; }
  /// Copies decoded bytes, which begin at `offset`, into the buffers; ignores those outside.
  void put(std::int64_t offset, std::string_view bytes) const;

 private:
  std::int64_t begin_;
  std::int64_t end_;
  std::span<const std::span<std::byte>> buffers_;
};

/// Decodes one record of an open file; thread safe. Reads varints in windows of 32 KiB; a first
/// pass finds the windows and checks the record's checksum. Decodes other encodings, which no
/// writer uses, as a whole at each read.
class record_decoder {
 public:
  record_decoder(const file& from, const encoded_elements& record) : from_(from), record_(record) {}

  /// Offsets in `to` count from the first element. Throws `corrupt`, and what reading throws.
  void read(const destination& to);

 private:
  /// A range of whole varints.
  struct window {
    std::int64_t offset = 0;  ///< in the encoding
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
  std::vector<window> windows_;  ///< constant once found
};

}  // namespace warmstart::detail

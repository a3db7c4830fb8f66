#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

/// The byte range of a block in a table.
struct block_handle {
  std::int64_t offset = 0;
  std::int64_t size = 0;  ///< without the trailer
};

/// The bytes that follow a block.
struct block_trailer {
  static constexpr std::int64_t size = 5;

  std::uint8_t compression = 0;  ///< 0 none, 1 Snappy
  std::uint32_t crc32c = 0;      ///< of contents and compression type; not masked
};

struct table_entry {
  std::string_view key;    ///< valid during the visit
  std::string_view value;  ///< valid during the visit
};

/// Reads and checks the blocks of one table. Every method throws `corrupt`, with file, offset,
/// expected and found in the message, and what reading throws.
class table_blocks {
 public:
  explicit table_blocks(const file& from);

  struct footer {
    block_handle metaindex;
    block_handle index;
  };
  [[nodiscard]] footer read_footer() const;

  /// Takes a block handle and checks that the block lies in the file. `at`: the handle's offset.
  [[nodiscard]] block_handle take_handle(byte_reader& from, std::int64_t at) const;
  [[nodiscard]] std::string read_bytes(std::int64_t offset, std::int64_t size) const;
  /// The partial CRC (`crc32c_remainder`) of a byte range, which is read in pieces.
  [[nodiscard]] std::uint32_t remainder(std::int64_t offset, std::int64_t size) const;
  /// Throws `unsupported` for an unknown compression.
  [[nodiscard]] block_trailer read_trailer(const block_handle& handle) const;
  /// Reads a block, checks its checksum and decompresses it.
  [[nodiscard]] std::string read(const block_handle& handle) const;

  /// Visits the entries of a block's contents.
  void for_each_entry(std::string_view contents, std::int64_t offset,
                      const std::function<void(const table_entry&)>& visit);
  /// Checks the restart array at the end of a block's contents; returns the entries before it.
  [[nodiscard]] std::string_view check_restarts(std::string_view contents,
                                                std::int64_t offset) const;
  /// The size of the entries in a block's contents, given the number of restarts in its last 4
  /// bytes.
  [[nodiscard]] std::int64_t entries_bytes(const block_handle& contents,
                                           std::uint32_t restarts) const;
  /// Adds up key sizes, and refuses a table whose keys are longer in all than those of any real
  /// table. Keys share prefixes, so a few bytes can encode a long key.
  void count_key(std::int64_t size_bytes, std::int64_t offset);

  [[noreturn]] void refuse(std::int64_t offset, const std::string& why) const;
  [[noreturn]] void refuse_checksum(const block_handle& handle, std::uint32_t expected,
                                    std::uint32_t found) const;

 private:
  [[nodiscard]] block_trailer parse_trailer(const block_handle& handle,
                                            std::string_view bytes) const;
  [[nodiscard]] std::string decompress(const std::string& stored, std::int64_t offset) const;

  const file& from_;
  std::int64_t file_bytes_;
  std::int64_t key_bytes_ = 0;  ///< of all keys so far, written out
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

/// Where a block of a table is.
struct block_handle {
  std::int64_t offset = 0;
  std::int64_t size = 0;  ///< without the trailer
};

/// What follows a block.
struct block_trailer {
  static constexpr std::int64_t size = 5;

  std::uint8_t compression = 0;  ///< 0 none, 1 Snappy
  std::uint32_t crc32c = 0;      ///< of contents and compression type; not masked
};

struct table_entry {
  std::string_view key;    ///< valid during the visit
  std::string_view value;  ///< likewise
};

/// The blocks of one table: reads and checks them, whatever they hold. Every method throws
/// `corrupt`, naming file, offset, what was expected and what was found; and what reading throws.
class table_blocks {
 public:
  explicit table_blocks(const file& from);

  struct footer {
    block_handle metaindex;
    block_handle index;
  };
  [[nodiscard]] footer read_footer() const;

  /// Takes the handle of a block that is within the file; `at` is where the handle stands.
  [[nodiscard]] block_handle take_handle(byte_reader& from, std::int64_t at) const;
  [[nodiscard]] std::string read_bytes(std::int64_t offset, std::int64_t size) const;
  /// Of bytes that are read piece by piece (`crc32c_remainder`).
  [[nodiscard]] std::uint32_t remainder(std::int64_t offset, std::int64_t size) const;
  /// Also refuses a compression that is not known, as `unsupported`.
  [[nodiscard]] block_trailer read_trailer(const block_handle& handle) const;
  /// The contents of a block, verified and decompressed.
  [[nodiscard]] std::string read(const block_handle& handle) const;

  /// Visits the entries of a block's contents.
  void for_each_entry(std::string_view contents, std::int64_t offset,
                      const std::function<void(const table_entry&)>& visit);
  /// The part of a block's contents that is entries, by the numbers at their end.
  [[nodiscard]] std::string_view check_restarts(std::string_view contents,
                                                std::int64_t offset) const;
  /// How many bytes of a block's contents are entries, if its last 4 claim so many restarts.
  [[nodiscard]] std::int64_t entries_bytes(const block_handle& contents,
                                           std::uint32_t restarts) const;
  /// Keys share their beginnings, so that a few bytes can stand for a long one: refuses a table
  /// whose keys, written out, come to more than any real one's.
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
  std::int64_t key_bytes_ = 0;  ///< of all entries so far, written out
};

}  // namespace warmstart::detail

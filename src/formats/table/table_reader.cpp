#include "formats/table/table_reader.hpp"

#include <fmt/format.h>
#include <snappy.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/crc32c.hpp"
#include "core/printable.hpp"
#include "core/units.hpp"
#include "formats/table/byte_reader.hpp"
#include "formats/table/masked_crc.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

constexpr std::int64_t FOOTER_BYTES = 48;
constexpr std::int64_t TRAILER_BYTES = 5;  // compression type and checksum of a block
constexpr std::uint64_t MAGIC = 0xDB4775248B80FB57;
// Keys share their beginnings, so a few bytes of a table can stand for a long one. Those of real
// tables are a few times the file's size in all.
constexpr std::int64_t MIN_KEY_LIMIT = 64 * mebibyte;
constexpr std::int64_t MAX_KEY_RATIO = 64;
// Snappy's best: an element of 3 bytes makes 64. What claims more is no block of Snappy's.
constexpr std::size_t MAX_SNAPPY_RATIO = 22;

struct block_handle {
  std::int64_t offset = 0;
  std::int64_t size = 0;  ///< without the trailer
};

std::string read_text(const file& from, std::int64_t offset, std::int64_t size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  from.read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

std::string shortened(std::string_view key) {
  return printable(key.substr(0, 100));
}

/// Reads one table; knows its file for messages.
class table_reader {
 public:
  table_reader(const file& from, const std::function<void(const table_entry&)>& visit)
      : from_(from), visit_(visit), file_bytes_(from.identity().size_bytes) {}

  void read() {
    if (file_bytes_ < FOOTER_BYTES) {
      refuse(0, fmt::format("too short for a table: expected at least {} bytes, found {}",
                            FOOTER_BYTES, file_bytes_));
    }
    const std::int64_t footer_offset = file_bytes_ - FOOTER_BYTES;
    const std::string footer = read_text(from_, footer_offset, FOOTER_BYTES);
    if (const std::uint64_t found = load_u64(footer.data() + 40); found != MAGIC) {
      refuse(footer_offset + 40,
             fmt::format("not a table: expected magic number {:#x}, found {:#x}", MAGIC, found));
    }
    byte_reader handles(std::string_view(footer).substr(0, 40));
    const block_handle metaindex = take_handle(handles, footer_offset);
    const block_handle index = take_handle(handles, footer_offset);
    if (handles.rest().find_first_not_of('\0') != std::string_view::npos) {
      refuse(footer_offset, "the footer's padding is not zero");
    }
    for_each_entry(read_block(metaindex), metaindex.offset, [&](const table_entry&) {
      refuse(metaindex.offset, "the metaindex block is not empty");
    });
    read_data_blocks(index);
  }

 private:
  [[noreturn]] void refuse(std::int64_t offset, const std::string& why) const {
    throw error(error_code::corrupt, fmt::format("{}, offset {}: {}", from_.path(), offset, why));
  }

  block_handle take_handle(byte_reader& from, std::int64_t at) const {
    const auto offset = from.varint();
    const auto size = from.varint();
    if (!offset || !size) refuse(at, "a block handle is cut off or overlong");
    const auto room = static_cast<std::uint64_t>(file_bytes_ - FOOTER_BYTES);
    if (*offset > room || *size > room - *offset ||
        room - *offset - *size < static_cast<std::uint64_t>(TRAILER_BYTES)) {
      refuse(at, fmt::format("a block handle leaves the file: offset {}, {} bytes, of {}", *offset,
                             *size, file_bytes_));
    }
    return {.offset = static_cast<std::int64_t>(*offset), .size = static_cast<std::int64_t>(*size)};
  }

  void read_data_blocks(const block_handle& index) {
    std::string separator;
    for_each_entry(read_block(index), index.offset, [&](const table_entry& entry) {
      byte_reader value(entry.value);
      const block_handle data = take_handle(value, index.offset);
      // Separators lie between the blocks' keys: not below the last, below the next one's first.
      if (any_key_ && !separator.empty() && entry.key < separator) {
        refuse(index.offset, "the index block's keys do not ascend");
      }
      first_of_block_ = true;
      for_each_entry(read_block(data), data.offset, [&](const table_entry& one) {
        if (any_key_ && (one.key <= last_key_ || (first_of_block_ && one.key <= separator))) {
          refuse(data.offset, fmt::format("keys do not ascend: '{}' after '{}'", shortened(one.key),
                                          shortened(last_key_)));
        }
        first_of_block_ = false;
        any_key_ = true;
        last_key_ = one.key;
        visit_(one);
      });
      if (any_key_ && last_key_ > entry.key) {
        refuse(data.offset, fmt::format("key '{}' is beyond its block's end, '{}'",
                                        shortened(last_key_), shortened(entry.key)));
      }
      separator = entry.key;
    });
  }

  /// The contents of a block, verified and decompressed.
  std::string read_block(const block_handle& handle) const {
    std::string stored = read_text(from_, handle.offset, handle.size + TRAILER_BYTES);
    const auto size = static_cast<std::size_t>(handle.size);
    const std::uint32_t expected = unmask_crc(load_u32(stored.data() + size + 1));
    const std::uint32_t found = crc32c(std::as_bytes(std::span(stored)).first(size + 1));
    if (found != expected) {
      refuse(handle.offset,
             fmt::format("checksum of a block of {} bytes does not match: expected {:#010x}, "
                         "found {:#010x}",
                         handle.size, expected, found));
    }
    const auto compression = static_cast<std::uint8_t>(stored[size]);
    stored.resize(size);
    if (compression == 0) return stored;
    if (compression != 1) {
      throw error(error_code::unsupported,
                  fmt::format("{}, offset {}: compression type {} of a block is not known",
                              from_.path(), handle.offset, compression));
    }
    return decompress(stored, handle.offset);
  }

  std::string decompress(const std::string& stored, std::int64_t offset) const {
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(stored.data(), stored.size(), &size) ||
        size / MAX_SNAPPY_RATIO > stored.size()) {
      refuse(offset,
             fmt::format("a Snappy block of {} bytes claims to make {}", stored.size(), size));
    }
    std::string contents(size, '\0');
    if (!snappy::RawUncompress(stored.data(), stored.size(), contents.data())) {
      refuse(offset, "a Snappy block can not be decompressed");
    }
    return contents;
  }

  /// Entries, then restart offsets (u32), then their number (u32).
  template <class Visit>
  void for_each_entry(const std::string& block, std::int64_t offset, Visit visit) {
    const std::string_view entries = check_restarts(block, offset);
    std::string key;
    for (byte_reader reader(entries); !reader.at_end();) {
      const auto shared = reader.varint32();
      const auto unshared = reader.varint32();
      const auto value_bytes = reader.varint32();
      if (!shared || !unshared || !value_bytes || *shared > key.size()) {
        refuse(offset, "an entry's header is damaged");
      }
      const auto key_bytes = reader.bytes(*unshared);
      const auto value = key_bytes ? reader.bytes(*value_bytes) : std::nullopt;
      if (!value) refuse(offset, "an entry leaves its block");
      count_key(static_cast<std::int64_t>(*shared + *unshared), offset);
      key.resize(*shared);
      key += *key_bytes;
      visit(table_entry{.key = key, .value = *value});
    }
  }

  void count_key(std::int64_t size_bytes, std::int64_t offset) {
    key_bytes_ += size_bytes;
    const std::int64_t limit = std::max(MIN_KEY_LIMIT, MAX_KEY_RATIO * file_bytes_);
    if (key_bytes_ > limit) {
      refuse(offset, fmt::format("the keys of a table of {} bytes are longer than {} bytes in all",
                                 file_bytes_, limit));
    }
  }

  std::string_view check_restarts(const std::string& block, std::int64_t offset) const {
    if (block.size() < 4) refuse(offset, "a block has no restart array");
    const std::uint64_t count = load_u32(block.data() + block.size() - 4);
    if (count == 0 || count > (block.size() - 4) / 4) {
      refuse(offset, fmt::format("a block of {} bytes claims {} restarts", block.size(), count));
    }
    const std::size_t end = block.size() - 4 - 4 * count;
    for (std::uint64_t i = 0, last = 0; i < count; ++i) {
      const std::uint64_t restart = load_u32(block.data() + end + 4 * i);
      if (i == 0 ? restart != 0 : restart <= last || restart >= end) {
        refuse(offset, fmt::format("restart {} of a block is at {}", i, restart));
      }
      last = restart;
    }
    return std::string_view(block).substr(0, end);
  }

  const file& from_;
  const std::function<void(const table_entry&)>& visit_;
  std::int64_t file_bytes_;
  std::int64_t key_bytes_ = 0;  ///< of all entries so far, written out
  bool any_key_ = false;
  bool first_of_block_ = false;
  std::string last_key_;
};

}  // namespace

void read_table(const file& from, const std::function<void(const table_entry&)>& visit) {
  table_reader(from, visit).read();
}

bool is_table(const file& from) {
  const std::int64_t size = from.identity().size_bytes;
  return size >= FOOTER_BYTES && load_u64(read_text(from, size - 8, 8).data()) == MAGIC;
}

}  // namespace warmstart

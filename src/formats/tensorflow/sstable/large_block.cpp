#include "formats/tensorflow/sstable/large_block.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "checksum/crc32c.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t HEAD_BYTES = 4 * kibibyte;
constexpr std::int64_t MAX_ENTRY_HEADER_BYTES = 15;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Scans a block without reading its large values.
class large_block {
 public:
  large_block(table_blocks& blocks, const block_handle& handle, const block_trailer& trailer)
      : blocks_(blocks), handle_(handle), trailer_(trailer), entries_end_(find_entries_end()) {}

  void scan(key_order& order, const std::function<void(const scanned_entry&)>& visit) {
    std::vector<entry> found;
    while (at_ < entries_end_) found.push_back(take_entry());
    if (found.empty()) blocks_.refuse(handle_.offset, "a block has no entries");
    finish(found);
    for (const entry& one : found) {
      order.add(one.key, handle_.offset);
      visit({.key = one.key,
             .value = one.head,
             .value_bytes = one.value_bytes,
             .value_crc32c = one.crc32c,
             .block = handle_,
             .compressed = false,
             .offset_bytes = one.offset,
             .checked_with = unread_ != nullptr ? unread_->key : std::string_view()});
    }
  }

 private:
  struct entry {
    std::string key;
    std::string head;
    std::int64_t value_bytes = 0;
    std::int64_t offset = 0;
    std::uint32_t crc32c = 0;

    [[nodiscard]] std::int64_t rest_bytes() const {
      return value_bytes - static_cast<std::int64_t>(head.size());
    }
  };

  // Reading entries in order needs no restart offsets, only their number.
  std::int64_t find_entries_end() const {
    const std::string count = blocks_.read_bytes(handle_.offset + handle_.size - 4, 4);
    return handle_.offset + blocks_.entries_bytes(handle_, load_u32(count.data()));
  }

  entry take_entry() {
    const std::int64_t header_bytes = std::min(MAX_ENTRY_HEADER_BYTES, entries_end_ - at_);
    const std::string header = blocks_.read_bytes(at_, header_bytes);
    byte_reader reader(header);
    const auto shared = reader.varint32();
    const auto unshared = reader.varint32();
    const auto value_bytes = reader.varint32();
    if (!shared || !unshared || !value_bytes || *shared > key_.size()) {
      blocks_.refuse(at_, "an entry's header is damaged");
    }
    const std::int64_t key_offset =
        at_ + header_bytes - static_cast<std::int64_t>(reader.rest().size());
    const auto key_bytes = static_cast<std::int64_t>(*unshared);
    if (key_bytes > entries_end_ - key_offset ||
        static_cast<std::int64_t>(*value_bytes) > entries_end_ - key_offset - key_bytes) {
      blocks_.refuse(at_, "an entry leaves its block");
    }
    blocks_.count_key(static_cast<std::int64_t>(*shared + *unshared), at_);
    add(header.substr(0, static_cast<std::size_t>(key_offset - at_)));
    key_.resize(*shared);
    key_ += read(key_offset, key_bytes);
    entry made{.key = key_,
               .head = {},
               .value_bytes = static_cast<std::int64_t>(*value_bytes),
               .offset = key_offset + key_bytes};
    made.head = read(made.offset, head_bytes(made));
    add_rest(made);
    at_ = made.offset + made.value_bytes;
    return made;
  }

  static std::int64_t head_bytes(const entry& of) {
    if (of.key.empty() || of.value_bytes <= large_bytes) return of.value_bytes;
    return std::min(of.value_bytes, HEAD_BYTES + static_cast<std::int64_t>(of.key.size()));
  }

  std::string read(std::int64_t offset, std::int64_t size) {
    std::string bytes = blocks_.read_bytes(offset, size);
    add(bytes);
    return bytes;
  }

  // Extend the block's partial CRC, with zeros for the bytes that are not read.
  void add(std::string_view bytes) { remainder_ = crc32c_remainder(bytes_of(bytes), remainder_); }
  void add_rest(const entry& of) { remainder_ = crc32c_advance(remainder_, of.rest_bytes()); }

  void finish(std::vector<entry>& entries) {
    read(entries_end_, handle_.offset + handle_.size - entries_end_);
    const char compression = static_cast<char>(trailer_.compression);
    add({&compression, 1});
    const std::int64_t covered = handle_.size + 1;
    // Without the bytes read so far, the checksum leaves the sum of the partial CRCs of the unread
    // rests, each advanced to the block's end.
    std::uint32_t left = crc32c_finish(trailer_.crc32c, covered) ^ remainder_;
    const bool all = entries.front().key.empty();
    for (entry& one : entries) {
      if (one.rest_bytes() != 0 && !all && unread_ == nullptr) {
        unread_ = &one;
        continue;
      }
      const std::uint32_t rest = read_remainder(one);
      left ^= crc32c_advance(rest, bytes_behind(one));
      set_checksum(one, rest);
    }
    if (unread_ != nullptr) {
      set_checksum(*unread_, crc32c_retreat(left, bytes_behind(*unread_)));
    } else if (left != 0) {
      blocks_.refuse_checksum(handle_, trailer_.crc32c, trailer_.crc32c ^ left);
    }
  }

  [[nodiscard]] std::int64_t bytes_behind(const entry& of) const {
    return handle_.offset + handle_.size + 1 - (of.offset + of.value_bytes);
  }

  static void set_checksum(entry& of, std::uint32_t rest) {
    const std::uint32_t head = crc32c_remainder(bytes_of(of.head));
    of.crc32c = crc32c_finish(crc32c_advance(head, of.rest_bytes()) ^ rest, of.value_bytes);
  }

  [[nodiscard]] std::uint32_t read_remainder(const entry& of) const {
    return blocks_.remainder(of.offset + of.value_bytes - of.rest_bytes(), of.rest_bytes());
  }

  table_blocks& blocks_;
  block_handle handle_;
  block_trailer trailer_;
  std::int64_t entries_end_ = 0;
  std::int64_t at_ = handle_.offset;
  std::uint32_t remainder_ = 0;
  std::string key_;
  entry* unread_ = nullptr;  ///< the entry whose checksum is computed from the block's
};

}  // namespace

void scan_large_block(table_blocks& blocks, const block_handle& handle,
                      const block_trailer& trailer, key_order& order,
                      const std::function<void(const scanned_entry&)>& visit) {
  large_block(blocks, handle, trailer).scan(order, visit);
}

}  // namespace warmstart::detail

#include "formats/tensorflow/sstable/table_blocks.hpp"

#include <fmt/format.h>
#include <snappy.h>

#include <algorithm>
#include <span>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "checksum/crc32c.hpp"
#include "formats/tensorflow/sstable/masked_crc.hpp"
#include "formats/tensorflow/sstable/table_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t FOOTER_BYTES = 48;
constexpr std::uint64_t MAGIC = 0xDB4775248B80FB57;
// The keys of a real table, written out, have a few times the file's size at most.
constexpr std::int64_t MIN_KEY_LIMIT = 64 * mebibyte;
constexpr std::int64_t MAX_KEY_RATIO = 64;
// Snappy's best ratio: an element of 3 bytes yields 64 bytes. A block that claims more is invalid.
constexpr std::size_t MAX_SNAPPY_RATIO = 22;
constexpr std::int64_t PIECE_BYTES = 64 * kibibyte;

}  // namespace

table_blocks::table_blocks(const file& from)
    : from_(from), file_bytes_(from.identity().size_bytes) {}

void table_blocks::refuse(std::int64_t offset, const std::string& why) const {
  throw error(file_problem(error_code::corrupt, {from_.path(), offset}, why));
}

void table_blocks::refuse_checksum(const block_handle& handle, std::uint32_t expected,
                                   std::uint32_t found) const {
  throw error(file_difference(
      error_code::corrupt, {from_.path(), handle.offset},
      fmt::format("checksum of a block of {} bytes does not match", handle.size),
      {.expected = fmt::format("{:#010x}", expected), .found = fmt::format("{:#010x}", found)}));
}

std::string table_blocks::read_bytes(std::int64_t offset, std::int64_t size) const {
  std::string text(static_cast<std::size_t>(size), '\0');
  from_.read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

std::uint32_t table_blocks::remainder(std::int64_t offset, std::int64_t size) const {
  std::uint32_t remainder = 0;
  for (std::int64_t at = offset; at < offset + size; at += PIECE_BYTES) {
    const std::string piece = read_bytes(at, std::min(PIECE_BYTES, offset + size - at));
    remainder = crc32c_remainder(std::as_bytes(std::span(piece)), remainder);
  }
  return remainder;
}

table_blocks::footer table_blocks::read_footer() const {
  if (file_bytes_ < FOOTER_BYTES) {
    refuse(0, fmt::format("too short for a table: expected at least {} bytes, found {}",
                          FOOTER_BYTES, file_bytes_));
  }
  const std::int64_t offset = file_bytes_ - FOOTER_BYTES;
  const std::string bytes = read_bytes(offset, FOOTER_BYTES);
  if (const std::uint64_t found = load_u64(bytes.data() + 40); found != MAGIC) {
    refuse(offset + 40,
           fmt::format("not a table: expected magic number {:#x}, found {:#x}", MAGIC, found));
  }
  byte_reader handles(std::string_view(bytes).substr(0, 40));
  const block_handle metaindex = take_handle(handles, offset);
  const block_handle index = take_handle(handles, offset);
  if (handles.rest().find_first_not_of('\0') != std::string_view::npos) {
    refuse(offset, "the footer's padding is not zero");
  }
  return {.metaindex = metaindex, .index = index};
}

block_handle table_blocks::take_handle(byte_reader& from, std::int64_t at) const {
  const auto offset = from.varint();
  const auto size = from.varint();
  if (!offset || !size) refuse(at, "a block handle is cut off or overlong");
  const auto room = static_cast<std::uint64_t>(file_bytes_ - FOOTER_BYTES);
  if (*offset > room || *size > room - *offset ||
      room - *offset - *size < static_cast<std::uint64_t>(block_trailer::size)) {
    refuse(at, fmt::format("a block handle leaves the file: offset {}, {} bytes, of {}", *offset,
                           *size, file_bytes_));
  }
  return {.offset = static_cast<std::int64_t>(*offset), .size = static_cast<std::int64_t>(*size)};
}

block_trailer table_blocks::parse_trailer(const block_handle& handle,
                                          std::string_view bytes) const {
  const block_trailer trailer{.compression = static_cast<std::uint8_t>(bytes[0]),
                              .crc32c = unmask_crc(load_u32(bytes.data() + 1))};
  if (trailer.compression > 1) {
    throw error(file_problem(
        error_code::unsupported, {from_.path(), handle.offset},
        fmt::format("compression type {} of a block is not known", trailer.compression)));
  }
  return trailer;
}

block_trailer table_blocks::read_trailer(const block_handle& handle) const {
  return parse_trailer(handle, read_bytes(handle.offset + handle.size, block_trailer::size));
}

std::string table_blocks::read(const block_handle& handle) const {
  std::string stored = read_bytes(handle.offset, handle.size + block_trailer::size);
  const auto size = static_cast<std::size_t>(handle.size);
  const std::uint32_t expected = unmask_crc(load_u32(stored.data() + size + 1));
  const std::uint32_t found = crc32c(std::as_bytes(std::span(stored)).first(size + 1));
  if (found != expected) refuse_checksum(handle, expected, found);
  const block_trailer trailer = parse_trailer(handle, std::string_view(stored).substr(size));
  stored.resize(size);
  return trailer.compression == 0 ? stored : decompress(stored, handle.offset);
}

std::string table_blocks::decompress(const std::string& stored, std::int64_t offset) const {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(stored.data(), stored.size(), &size) ||
      size / MAX_SNAPPY_RATIO > stored.size()) {
    refuse(offset,
           fmt::format("a Snappy block of {} bytes claims to decode to {}", stored.size(), size));
  }
  std::string contents(size, '\0');
  if (!snappy::RawUncompress(stored.data(), stored.size(), contents.data())) {
    refuse(offset, "a Snappy block cannot be decompressed");
  }
  return contents;
}

// Contents: entries, restart offsets (u32 each), number of restarts (u32).
void table_blocks::for_each_entry(std::string_view contents, std::int64_t offset,
                                  const std::function<void(const table_entry&)>& visit) {
  std::string key;
  for (byte_reader reader(check_restarts(contents, offset)); !reader.at_end();) {
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

std::string_view table_blocks::check_restarts(std::string_view contents,
                                              std::int64_t offset) const {
  if (contents.size() < 4) refuse(offset, "a block has no restart array");
  const std::uint32_t count = load_u32(contents.data() + contents.size() - 4);
  const auto end = static_cast<std::size_t>(
      entries_bytes({.offset = offset, .size = static_cast<std::int64_t>(contents.size())}, count));
  for (std::uint32_t i = 0, last = 0; i < count; ++i) {
    const std::uint32_t restart = load_u32(contents.data() + end + std::size_t{4} * i);
    if (i == 0 ? restart != 0 : restart <= last || restart >= end) {
      refuse(offset,
             fmt::format("restart {} of a block is at {}, out of order or outside the block", i,
                         restart));
    }
    last = restart;
  }
  return contents.substr(0, end);
}

std::int64_t table_blocks::entries_bytes(const block_handle& contents,
                                         std::uint32_t restarts) const {
  if (restarts == 0 || restarts > (contents.size - 4) / 4) {
    refuse(contents.offset,
           fmt::format("a block of {} bytes claims {} restarts", contents.size, restarts));
  }
  return contents.size - 4 - 4 * std::int64_t{restarts};
}

void table_blocks::count_key(std::int64_t size_bytes, std::int64_t offset) {
  key_bytes_ += size_bytes;
  const std::int64_t limit = std::max(MIN_KEY_LIMIT, MAX_KEY_RATIO * file_bytes_);
  if (key_bytes_ > limit) {
    refuse(offset, fmt::format("the keys of a table of {} bytes are longer than {} bytes in all",
                               file_bytes_, limit));
  }
}

bool is_table(const file& from) {
  const std::int64_t size = from.identity().size_bytes;
  return size >= FOOTER_BYTES &&
         load_u64(table_blocks(from).read_bytes(size - 8, 8).data()) == MAGIC;
}

}  // namespace warmstart::detail

#include "formats/zip/zip_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::string_view LOCAL_HEADER = "PK\x03\x04";
constexpr std::string_view CENTRAL_HEADER = "PK\x01\x02";
constexpr std::string_view END_RECORD = "PK\x05\x06";
constexpr std::string_view END_RECORD_64 = "PK\x06\x06";
constexpr std::string_view LOCATOR_64 = "PK\x06\x07";
constexpr std::int64_t LOCAL_BYTES = 30;
constexpr std::int64_t CENTRAL_BYTES = 46;
constexpr std::int64_t END_BYTES = 22;
constexpr std::int64_t END_BYTES_64 = 56;
constexpr std::int64_t LOCATOR_BYTES = 20;
constexpr std::int64_t MAX_COMMENT = 65'535;
constexpr std::uint64_t MAX_DIRECTORY = 1 * gibibyte;
constexpr std::uint64_t IN_ZIP64 = 0xffffffff;
constexpr std::uint16_t ZIP64_FIELD = 1;
constexpr unsigned ENCRYPTED = 1;

[[noreturn]] void refuse(const file& from, std::int64_t offset, const std::string& expected,
                         error_code code = error_code::corrupt) {
  throw error(file_problem(code, {from.path(), offset}, "zip archive: expected " + expected));
}

std::string read_bytes(const file& from, std::int64_t offset, std::int64_t count) {
  std::string bytes(static_cast<std::size_t>(count), '\0');
  from.read(offset, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

class directory_reader {
 public:
  directory_reader(const file& from, const file_range& where) : from_(from), where_(where) {}

  std::vector<zip_entry> read() {
    find_directory();
    const std::string text = read_bytes(from_, begin_, static_cast<std::int64_t>(size_));
    byte_reader rest(text);
    std::vector<zip_entry> entries;
    std::set<std::string_view> names;
    entries.reserve(count_);  // `place` has limited it by the directory's size
    for (std::uint64_t i = 0; i < count_; ++i) {
      entries.push_back(read_entry(rest, text.size()));
      if (!names.insert(entries.back().name).second) {
        refuse(from_, begin_,
               "each entry once, found two called " + in_quotes(entries.back().name));
      }
    }
    return entries;
  }

 private:
  // Only a comment follows the end record.
  void find_directory() {
    const std::int64_t window = std::min(where_.end - where_.begin, END_BYTES + MAX_COMMENT);
    const std::int64_t window_begin = where_.end - window;
    if (window < END_BYTES) refuse(from_, window_begin, "an end record, found none");
    const std::string tail = read_bytes(from_, window_begin, window);
    const std::size_t last = tail.rfind(END_RECORD, tail.size() - END_BYTES);
    if (last == std::string::npos) refuse(from_, window_begin, "an end record, found none");
    const char* const record = tail.data() + last;
    const std::int64_t at = window_begin + static_cast<std::int64_t>(last);
    if (load_u16(record + 4) != load_u16(record + 6)) {
      refuse(from_, at, "an archive on one disk", error_code::unsupported);
    }
    count_ = load_u16(record + 10);
    const std::int64_t locator = at - LOCATOR_BYTES;
    if (locator >= where_.begin && read_bytes(from_, locator, 4) == LOCATOR_64) {
      read_end_64(locator);
    } else {
      place(at, load_u32(record + 16), load_u32(record + 12));
    }
  }

  void read_end_64(std::int64_t locator) {
    const std::uint64_t offset = load_u64(read_bytes(from_, locator, LOCATOR_BYTES).data() + 8);
    const std::int64_t most = locator - where_.begin - END_BYTES_64;
    if (most < 0 || offset > static_cast<std::uint64_t>(most)) {
      refuse(from_, locator, "a zip64 end record before its locator");
    }
    const std::int64_t at = where_.begin + static_cast<std::int64_t>(offset);
    const std::string record = read_bytes(from_, at, END_BYTES_64);
    if (!record.starts_with(END_RECORD_64)) refuse(from_, at, "a zip64 end record");
    count_ = load_u64(record.data() + 32);
    place(at, load_u64(record.data() + 48), load_u64(record.data() + 40));
  }

  // `end_record`: the offset of the record that holds these numbers.
  void place(std::int64_t end_record, std::uint64_t offset, std::uint64_t size) {
    const auto most = static_cast<std::uint64_t>(end_record - where_.begin);
    if (offset > most || size > std::min(most - offset, MAX_DIRECTORY)) {
      refuse(from_, end_record,
             fmt::format("a directory before its end record, found [{}, +{})", offset, size));
    }
    if (count_ > size / CENTRAL_BYTES) {
      refuse(from_, end_record,
             fmt::format("at most {} entries in {} bytes, found {}", size / CENTRAL_BYTES, size,
                         count_));
    }
    begin_ = where_.begin + static_cast<std::int64_t>(offset);
    size_ = size;
  }

  zip_entry read_entry(byte_reader& rest, std::size_t all) const {
    const std::int64_t at = begin_ + static_cast<std::int64_t>(all - rest.rest().size());
    const auto fixed = rest.bytes(CENTRAL_BYTES);
    if (!fixed || !fixed->starts_with(CENTRAL_HEADER)) refuse(from_, at, "an entry's header");
    const auto name = rest.bytes(load_u16(fixed->data() + 28));
    const auto extra = rest.bytes(load_u16(fixed->data() + 30));
    const auto comment = rest.bytes(load_u16(fixed->data() + 32));
    if (!name || !extra || !comment) refuse(from_, at, "all of an entry's header");
    if ((load_u16(fixed->data() + 8) & ENCRYPTED) != 0) {
      refuse(from_, at, "no encryption, found entry " + in_quotes(*name), error_code::unsupported);
    }
    std::uint64_t decoded = load_u32(fixed->data() + 24);
    std::uint64_t size = load_u32(fixed->data() + 20);
    std::uint64_t offset = load_u32(fixed->data() + 42);
    if (!take_zip64(*extra, {&decoded, &size, &offset})) {
      refuse(from_, at, "all of a zip64 field of entry " + in_quotes(*name));
    }
    const auto most = static_cast<std::uint64_t>(begin_ - where_.begin);
    if (offset > most || size > most - offset || decoded > INT64_MAX) {
      refuse(from_, at,
             fmt::format("entry {} before the directory, found [{}, +{})", in_quotes(*name), offset,
                         size));
    }
    const int method = load_u16(fixed->data() + 10);
    if (method == zip_entry::stored && size != decoded) {
      refuse(from_, at,
             fmt::format("entry {}, which is stored, to have one size, found {} and {}",
                         in_quotes(*name), size, decoded));
    }
    return {.name = std::string(*name),
            .method = method,
            .crc32 = load_u32(fixed->data() + 16),
            .size_bytes = static_cast<std::int64_t>(size),
            .decoded_bytes = static_cast<std::int64_t>(decoded),
            .header_offset = where_.begin + static_cast<std::int64_t>(offset)};
  }

  // Replaces the numbers that are ffffffff, in this order. False if the field is too short.
  static bool take_zip64(std::string_view extra, std::array<std::uint64_t*, 3> numbers) {
    for (byte_reader fields(extra); !fields.at_end();) {
      const auto kind = fields.number<std::uint16_t>();
      const auto size = fields.number<std::uint16_t>();
      const auto bytes = size ? fields.bytes(*size) : std::nullopt;
      if (!bytes) return true;  // padding that other tools write
      if (*kind != ZIP64_FIELD) continue;
      byte_reader wide(*bytes);
      for (std::uint64_t* number : numbers) {
        if (*number != IN_ZIP64) continue;
        const auto value = wide.number<std::uint64_t>();
        if (!value) return false;
        *number = *value;
      }
      return true;
    }
    return true;
  }

  const file& from_;
  file_range where_;
  std::uint64_t count_ = 0;
  std::int64_t begin_ = 0;  ///< of the directory, in the file
  std::uint64_t size_ = 0;
};

}  // namespace

bool is_zip(const file& from) {
  if (from.identity().size_bytes < END_BYTES) return false;
  const std::string begin = read_bytes(from, 0, 4);
  return begin == LOCAL_HEADER || begin == END_RECORD;
}

std::vector<zip_entry> read_zip_directory(const file& from, const file_range& where) {
  return directory_reader(from, where).read();
}

std::int64_t find_zip_data(const file& from, const file_range& where, const zip_entry& entry) {
  const auto missing = [&](const char* what) {
    refuse(from, entry.header_offset, std::string(what) + " of entry " + in_quotes(entry.name));
  };
  if (entry.header_offset > where.end - LOCAL_BYTES) missing("the header");
  const std::string header = read_bytes(from, entry.header_offset, LOCAL_BYTES);
  if (!header.starts_with(LOCAL_HEADER)) missing("the header");
  const std::int64_t name_bytes = load_u16(header.data() + 26);
  const std::int64_t name_begin = entry.header_offset + LOCAL_BYTES;
  const std::int64_t begin = name_begin + name_bytes + load_u16(header.data() + 28);
  if (begin > where.end || entry.size_bytes > where.end - begin) missing("all bytes");
  if (read_bytes(from, name_begin, name_bytes) != entry.name) missing("the header");
  return begin;
}

}  // namespace warmstart::detail

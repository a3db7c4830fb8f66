#include "formats/tensorflow/slices/record_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "checksum/crc32c.hpp"
#include "formats/tensorflow/slices/tensor_values.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t WINDOW_BYTES = 32 * kibibyte;

}  // namespace

destination::destination(std::int64_t begin, std::span<const std::span<std::byte>> buffers)
    : begin_(begin), end_(begin), buffers_(buffers) {
  for (const auto& buffer : buffers) end_ += static_cast<std::int64_t>(buffer.size());
}

void destination::put(std::int64_t offset, std::string_view bytes) const {
  std::int64_t at = begin_;
  for (const auto& buffer : buffers_) {
    const std::int64_t from = std::max(offset, at);
    const std::int64_t to = std::min(offset + static_cast<std::int64_t>(bytes.size()),
                                     at + static_cast<std::int64_t>(buffer.size()));
    if (from < to) {
      std::copy_n(std::as_bytes(std::span(bytes)).begin() + (from - offset), to - from,
                  buffer.begin() + (from - at));
    }
    at += static_cast<std::int64_t>(buffer.size());
  }
}

void record_decoder::read(const destination& to) {
  if (!record_.varints) {
    to.put(0, decode_whole());
    return;
  }
  find_windows_once();
  const auto unit = static_cast<std::int64_t>(size_of(record_.type));
  auto next = std::upper_bound(
      windows_.begin(), windows_.end(), to.begin() / unit,
      [](std::int64_t element, const window& w) { return element < w.first_element; });
  for (--next; next != windows_.end() && next->first_element * unit < to.end(); ++next) {
    to.put(next->first_element * unit, decode(*next));
  }
}

void record_decoder::refuse(const std::string& why) const {
  throw error(file_problem(
      error_code::corrupt,
      {from_.path(), record_.compressed ? record_.block.offset : record_.offset_bytes},
      fmt::format("record of {} bytes for tensor {}: {}", record_.size_bytes, record_.tensor, why),
      record_.tensor));
}

void record_decoder::compare_checksum(std::uint32_t found, std::uint32_t expected) const {
  if (found == expected) return;
  refuse(
      fmt::format("checksum does not match: expected {:#010x}, found {:#010x}", expected, found));
}

void record_decoder::compare_count(std::int64_t found) const {
  if (found == record_.elements) return;
  refuse(fmt::format("expected {} elements, found {}", record_.elements, found));
}

std::string record_decoder::read_encoded(std::int64_t offset, std::int64_t size) const {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  from_.read(record_.offset_bytes + offset, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

// The first reader finds the windows; if it finds damage, all readers get the error. This does not
// use `std::call_once`, which never returns after an exception under ThreadSanitizer.
void record_decoder::find_windows_once() {
  const std::lock_guard lock(finding_);
  if (damage_) std::rethrow_exception(damage_);
  if (std::exchange(looked_, true)) return;
  try {
    find_windows();
  } catch (...) {
    damage_ = std::current_exception();
    throw;
  }
}

// The first pass finds the windows and checks the record's checksum. A window ends at the end of a
// varint.
void record_decoder::find_windows() {
  std::uint32_t all = 0;
  std::int64_t elements = 0;
  for (std::int64_t at = 0; at < record_.size_bytes;) {
    const std::int64_t room = record_.size_bytes - at;
    std::string bytes = read_encoded(at, std::min(WINDOW_BYTES, room));
    while (!bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0) {
      bytes.pop_back();
    }
    if (bytes.empty()) refuse("a value is cut off or overlong");
    const auto size = static_cast<std::int64_t>(bytes.size());
    const std::uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
    all = crc32c_concatenate(all, crc, size);
    windows_.push_back(
        {.offset = at, .size_bytes = size, .first_element = elements, .crc32c = crc});
    elements += std::count_if(bytes.begin(), bytes.end(), [](char byte) {
      return (static_cast<unsigned char>(byte) & 0x80U) == 0;
    });
    at += size;
  }
  compare_checksum(all, record_.crc32c);
  compare_count(elements);
}

std::string record_decoder::decode(const window& which) const {
  const std::string bytes = read_encoded(which.offset, which.size_bytes);
  compare_checksum(crc32c(std::as_bytes(std::span(bytes))), which.crc32c);
  std::string elements;
  if (!decode_varints(bytes, record_.type, elements)) refuse("a value is cut off or overlong");
  return elements;
}

std::string record_decoder::decode_whole() const {
  std::string bytes;
  if (record_.compressed) {
    bytes = table_blocks(from_)
                .read(record_.block)
                .substr(static_cast<std::size_t>(record_.offset_bytes),
                        static_cast<std::size_t>(record_.size_bytes));
  } else {
    bytes = read_encoded(0, record_.size_bytes);
  }
  compare_checksum(crc32c(std::as_bytes(std::span(bytes))), record_.crc32c);
  if (record_.type == dtype::string) return bytes;
  std::string elements = decode_data_record(bytes, record_.type, {from_.path()});
  const auto unit = size_of(record_.type);
  if (elements.size() % unit != 0) refuse("the last element is incomplete");
  compare_count(static_cast<std::int64_t>(elements.size() / unit));
  return elements;
}

}  // namespace warmstart::detail

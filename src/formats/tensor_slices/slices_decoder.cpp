#include "formats/tensor_slices/slices_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include "core/crc32c.hpp"
#include "core/units.hpp"
#include "formats/tensor_slices/slices_records.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

constexpr std::int64_t WINDOW_BYTES = 32 * kibibyte;
// Further apart than any two extents that one read joins, and a multiple of what it is aligned to.
constexpr std::int64_t SPACING_BYTES = 16 * mebibyte;

/// A part of the varints of a record.
struct window {
  std::int64_t offset = 0;  ///< within what is encoded
  std::int64_t size_bytes = 0;
  std::int64_t first_element = 0;
  std::uint32_t crc32c = 0;
};

/// Copies decoded bytes to where they are asked for.
class destination {
 public:
  destination(std::int64_t begin, std::span<const std::span<std::byte>> buffers)
      : begin_(begin), buffers_(buffers) {
    for (const auto& buffer : buffers) end_ += static_cast<std::int64_t>(buffer.size());
    end_ += begin;
  }

  [[nodiscard]] std::int64_t begin() const { return begin_; }
  [[nodiscard]] std::int64_t end() const { return end_; }

  /// `bytes` stand at `offset`; what is not asked for is left out.
  void put(std::int64_t offset, std::string_view bytes) const {
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

 private:
  std::int64_t begin_;
  std::int64_t end_ = 0;
  std::span<const std::span<std::byte>> buffers_;
};

/// One record, as far as it is known in an open file.
class record_reader {
 public:
  record_reader(const file& from, const encoded_elements& record) : from_(from), record_(record) {}

  /// `to` counts from the record's first element.
  void read(const destination& to) {
    if (!record_.varints) {
      to.put(0, decode_whole());
      return;
    }
    std::call_once(found_, [this] { find_windows(); });
    const auto unit = static_cast<std::int64_t>(size_of(record_.type));
    auto next = std::upper_bound(
        windows_.begin(), windows_.end(), to.begin() / unit,
        [](std::int64_t element, const window& w) { return element < w.first_element; });
    for (--next; next != windows_.end() && next->first_element * unit < to.end(); ++next) {
      to.put(next->first_element * unit, decode(*next));
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw error(
        {.code = error_code::corrupt,
         .message = fmt::format("{}, offset {}, {} bytes, tensor {}: {}", from_.path(),
                                record_.compressed ? record_.block.offset : record_.offset_bytes,
                                record_.size_bytes, record_.tensor, why),
         .variable = {},
         .tensor = record_.tensor});
  }

  void compare_checksum(std::uint32_t found, std::uint32_t expected) const {
    if (found == expected) return;
    refuse(
        fmt::format("checksum does not match: expected {:#010x}, found {:#010x}", expected, found));
  }

  void compare_count(std::int64_t found) const {
    if (found == record_.elements) return;
    refuse(fmt::format("expected {} elements, found {}", record_.elements, found));
  }

  [[nodiscard]] std::string read_encoded(std::int64_t offset, std::int64_t size) const {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    from_.read(record_.offset_bytes + offset, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  // The first pass: where windows begin, and whether all of it is as it was written. A window ends
  // with the varint that its last byte belongs to.
  void find_windows() {
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

  [[nodiscard]] std::string decode(const window& which) const {
    const std::string bytes = read_encoded(which.offset, which.size_bytes);
    compare_checksum(crc32c(std::as_bytes(std::span(bytes))), which.crc32c);
    std::string elements;
    if (!decode_varints(bytes, record_.type, elements)) refuse("a value is cut off or overlong");
    return elements;
  }

  [[nodiscard]] std::string decode_whole() const {
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
    std::string elements = decode_data_record(bytes, record_.type, from_.path());
    const auto unit = size_of(record_.type);
    if (elements.size() % unit != 0) refuse("half an element is stored");
    compare_count(static_cast<std::int64_t>(elements.size() / unit));
    return elements;
  }

  const file& from_;
  const encoded_elements& record_;
  std::once_flag found_;
  std::vector<window> windows_;
};

class decoded_file final : public file {
 public:
  decoded_file(std::unique_ptr<file> stored, const std::vector<encoded_elements>& records,
               const std::vector<std::int64_t>& offsets, read_mode mode)
      : stored_(std::move(stored)),
        records_(records),
        offsets_(offsets),
        mode_(mode),
        readers_(records.size()) {}

  [[nodiscard]] const std::string& path() const noexcept override { return stored_->path(); }
  [[nodiscard]] file_identity identity() const override { return stored_->identity(); }

  using file::read;
  void read(std::int64_t offset_bytes,
            std::span<const std::span<std::byte>> buffers) const override {
    const auto next = std::upper_bound(offsets_.begin(), offsets_.end(), offset_bytes);
    const auto index = static_cast<std::size_t>(next - offsets_.begin()) - 1;
    const destination to(offset_bytes - offsets_[index], buffers);
    if (mode_ == read_mode::buffered && to.end() > records_[index].decoded_bytes()) {
      throw error(
          error_code::corrupt,
          fmt::format("{}: the elements of tensor {} end too early: expected {} bytes, "
                      "found {}",
                      path(), records_[index].tensor, to.end(), records_[index].decoded_bytes()));
    }
    reader_of(index).read(to);
  }

 private:
  [[nodiscard]] record_reader& reader_of(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    auto& reader = readers_[index];
    if (!reader) reader = std::make_unique<record_reader>(*stored_, records_[index]);
    return *reader;
  }

  std::unique_ptr<file> stored_;
  const std::vector<encoded_elements>& records_;
  const std::vector<std::int64_t>& offsets_;
  read_mode mode_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<record_reader>> readers_;
};

}  // namespace

std::int64_t slices_decoder::add(encoded_elements record) {
  const std::int64_t offset = end_;
  const std::int64_t after = offset + record.decoded_bytes() + SPACING_BYTES;
  end_ = (after + SPACING_BYTES - 1) / SPACING_BYTES * SPACING_BYTES;
  offsets_.push_back(offset);
  records_.push_back(std::move(record));
  return offset;
}

std::unique_ptr<file> slices_decoder::open(const file_system& files, read_mode mode) const {
  return std::make_unique<decoded_file>(files.open(path_, read_mode::buffered), records_, offsets_,
                                        mode);
}

}  // namespace warmstart

#include "formats/zip/zip_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/zip/deflated_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// Deflate's best ratio: 1 bit for a length and 1 for a distance yield 258 bytes.
constexpr std::int64_t MAX_PER_BYTE = 1032;

class inflated_file final : public file {
 public:
  inflated_file(std::unique_ptr<file> stored, const std::vector<deflated_entry>& entries,
                const decoded_layout& layout, read_mode mode)
      : stored_(std::move(stored)), entries_(entries), layout_(layout), mode_(mode) {}

  [[nodiscard]] const std::string& path() const noexcept override { return stored_->path(); }
  [[nodiscard]] file_identity identity() const override { return stored_->identity(); }

  using file::read;
  void read(std::int64_t offset_bytes,
            std::span<const std::span<std::byte>> buffers) const override {
    const auto [part, begin] = layout_.find(offset_bytes);
    const deflated_entry& entry = entries_[part];
    std::int64_t end = begin;
    for (const auto& buffer : buffers) end += std::ssize(buffer);
    if (mode_ != read_mode::direct && end > entry.decoded_bytes) {
      throw error(file_difference(error_code::corrupt, {path(), entry.offset_bytes},
                                  "deflated entry " + in_quotes(entry.name),
                                  {.expected = fmt::format("{} bytes or more", end),
                                   .found = fmt::format("{}", entry.decoded_bytes)}));
    }
    reader_of(part)->read(begin, buffers);
  }

 private:
  using reader = std::pair<std::size_t, std::shared_ptr<deflated_reader>>;

  // Keeps only the most recently used readers, because marks take much memory.
  [[nodiscard]] std::shared_ptr<deflated_reader> reader_of(std::size_t part) const {
    constexpr std::size_t MAX_READERS = 32;
    const std::lock_guard lock(mutex_);
    const auto known = std::find_if(readers_.begin(), readers_.end(),
                                    [&](const reader& one) { return one.first == part; });
    if (known != readers_.end()) {
      std::rotate(readers_.begin(), known, std::next(known));
    } else {
      if (readers_.size() == MAX_READERS) readers_.pop_back();
      readers_.emplace(readers_.begin(), part,
                       std::make_shared<deflated_reader>(*stored_, entries_[part]));
    }
    return readers_.front().second;
  }

  std::unique_ptr<file> stored_;
  const std::vector<deflated_entry>& entries_;
  const decoded_layout& layout_;
  read_mode mode_;
  mutable std::mutex mutex_;
  mutable std::vector<reader> readers_;  ///< most recently used first
};

}  // namespace

std::int64_t zip_decoder::add(const zip_entry& entry, std::int64_t data_begin) {
  const bool can_be = entry.decoded_bytes / MAX_PER_BYTE <= entry.size_bytes;
  const std::int64_t offset = can_be ? layout_.add(entry.decoded_bytes) : -1;
  if (offset < 0) {
    throw error(
        file_problem(error_code::corrupt, {path_, data_begin},
                     fmt::format("deflated entry {}: {} bytes cannot decode to {}",
                                 in_quotes(entry.name), entry.size_bytes, entry.decoded_bytes)));
  }
  entries_.push_back({.name = entry.name,
                      .offset_bytes = data_begin,
                      .size_bytes = entry.size_bytes,
                      .decoded_bytes = entry.decoded_bytes});
  return offset;
}

std::unique_ptr<file> zip_decoder::open(const file_system& files, read_mode mode) const {
  return std::make_unique<inflated_file>(files.open(path_, read_mode::buffered), entries_, layout_,
                                         mode);
}

}  // namespace warmstart::detail

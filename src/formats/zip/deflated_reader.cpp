#include "formats/zip/deflated_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/units.hpp"

namespace warmstart::detail {
namespace {

// A mark takes about 48 KiB of memory, so an entry has at most 256 of them.
constexpr std::int64_t MIN_SPACING = 4 * mebibyte;
constexpr std::int64_t MAX_MARKS = 256;
constexpr std::int64_t SKIPPED_BYTES = 64 * kibibyte;

}  // namespace

deflated_reader::deflated_reader(const file& from, const deflated_entry& entry)
    : from_(from),
      entry_(entry),
      spacing_(std::max(MIN_SPACING, entry.decoded_bytes / MAX_MARKS)) {}

void deflated_reader::read(std::int64_t offset_bytes,
                           std::span<const std::span<std::byte>> buffers) {
  const std::lock_guard lock(mutex_);
  if (offset_bytes >= entry_.decoded_bytes) return;
  inflater at = begin_before(offset_bytes);
  skip(at, offset_bytes - at.position());
  for (const std::span<std::byte> buffer : buffers) {
    const std::int64_t rest = entry_.decoded_bytes - at.position();
    read_on(at, buffer.first(std::min(buffer.size(), static_cast<std::size_t>(rest))));
  }
  if (at.position() == entry_.decoded_bytes) {
    at.finish();
  } else {
    last_ = std::move(at);
  }
}

inflater deflated_reader::begin_before(std::int64_t offset_bytes) {
  auto last = std::exchange(last_, std::nullopt);
  const auto passed = std::min(offset_bytes / spacing_, std::ssize(marks_));
  if (last && last->position() <= offset_bytes && last->position() >= passed * spacing_) {
    return *std::move(last);
  }
  return passed == 0 ? inflater(from_, entry_)
                     : marks_[static_cast<std::size_t>(passed - 1)].copy();
}

void deflated_reader::skip(inflater& at, std::int64_t count) {
  std::vector<std::byte> nowhere(static_cast<std::size_t>(std::min(count, SKIPPED_BYTES)));
  for (; count > 0; count -= std::ssize(nowhere)) {
    nowhere.resize(static_cast<std::size_t>(std::min(count, SKIPPED_BYTES)));
    read_on(at, nowhere);
  }
}

void deflated_reader::read_on(inflater& at, std::span<std::byte> into) {
  while (!into.empty()) {
    const std::int64_t next_mark = (std::ssize(marks_) + 1) * spacing_;
    const auto step = std::min(into.size(), static_cast<std::size_t>(next_mark - at.position()));
    at.read(into.first(step));
    into = into.subspan(step);
    if (at.position() == next_mark) marks_.push_back(at.copy());
  }
}

}  // namespace warmstart::detail

#include "io/file_cursor.hpp"

#include <algorithm>
#include <span>

#include "base/units.hpp"

namespace warmstart::detail {

std::optional<std::string_view> file_cursor::take(std::uint64_t count) {
  constexpr std::int64_t AHEAD_BYTES = 64 * kibibyte;
  const std::uint64_t unused = buffer_.size() - taken_;
  if (count > unused) {
    const std::int64_t rest = end_ - read_end_;
    if (count - unused > static_cast<std::uint64_t>(rest)) return std::nullopt;
    const auto more = std::clamp(AHEAD_BYTES, static_cast<std::int64_t>(count - unused), rest);
    buffer_.erase(0, taken_);
    taken_ = 0;
    buffer_.resize(unused + static_cast<std::size_t>(more));
    from_.read(read_end_, std::as_writable_bytes(std::span(buffer_)).subspan(unused));
    read_end_ += more;
  }
  const std::string_view bytes = std::string_view(buffer_).substr(taken_, count);
  taken_ += count;
  return bytes;
}

}  // namespace warmstart::detail

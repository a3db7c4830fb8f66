#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/file.hpp"

namespace warmstart::detail {

/// Reads a byte range of a file sequentially, with read-ahead.
class file_cursor {
 public:
  /// The file must outlive the cursor and contain the range.
  file_cursor(const file& from, const file_range& where)
      : from_(from), end_(where.end), read_end_(where.begin) {}

  [[nodiscard]] const std::string& path() const noexcept { return from_.path(); }
  /// Offset of the next byte in the file.
  [[nodiscard]] std::int64_t offset() const noexcept {
    return read_end_ - static_cast<std::int64_t>(buffer_.size() - taken_);
  }

  /// The next `count` bytes, valid until the next call; nothing if the range has fewer left. Throws
  /// like `file::read`.
  [[nodiscard]] std::optional<std::string_view> take(std::uint64_t count);

 private:
  const file& from_;
  std::int64_t end_;       ///< end of the range
  std::int64_t read_end_;  ///< end of the bytes in the buffer
  std::string buffer_;
  std::size_t taken_ = 0;  ///< consumed bytes of the buffer
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/file.hpp"

namespace warmstart::detail {

/// Takes bytes from the front of a part of a file, reading ahead of it.
class file_cursor {
 public:
  /// The file outlives it, and the part lies within it.
  file_cursor(const file& from, const file_range& where)
      : from_(from), end_(where.end), read_end_(where.begin) {}

  [[nodiscard]] const std::string& path() const noexcept { return from_.path(); }
  /// In the file: of the next byte.
  [[nodiscard]] std::int64_t offset() const noexcept {
    return read_end_ - static_cast<std::int64_t>(buffer_.size() - taken_);
  }

  /// The next bytes, until the next call; nothing if so many do not follow. Throws what reading
  /// throws.
  [[nodiscard]] std::optional<std::string_view> take(std::uint64_t count);

 private:
  const file& from_;
  std::int64_t end_;       ///< of the part
  std::int64_t read_end_;  ///< of what is in the buffer
  std::string buffer_;
  std::size_t taken_ = 0;  ///< of the buffer
};

}  // namespace warmstart::detail

#pragma once

#include <unistd.h>

#include <string>

#include "base/unique_handle.hpp"

namespace warmstart::detail {

class system_calls;

struct descriptor_traits {
  using handle_type = int;
  static constexpr int none = -1;
  static void close(int descriptor) noexcept { (void)::close(descriptor); }
};

/// Owns a file descriptor.
using unique_descriptor = unique_handle<descriptor_traits>;

/// The system's message for an `errno`.
[[nodiscard]] std::string reason(int failure);

/// False for a path that contains a NUL: the system would truncate it there and open another file.
[[nodiscard]] bool is_name(const std::string& path) noexcept;

/// Opens a file for reading, with additional `flags`. Returns an empty handle and sets `errno` on
/// failure.
[[nodiscard]] unique_descriptor open_descriptor(const system_calls& calls, const std::string& path,
                                                int flags) noexcept;

/// Throws `not_found` or `io` for a path that could not be opened, according to `errno`.
[[noreturn]] void refuse_open(const std::string& path);

}  // namespace warmstart::detail

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

/// Owns a file descriptor of the system's.
using unique_descriptor = unique_handle<descriptor_traits>;

/// What an `errno` means.
[[nodiscard]] std::string reason(int failure);

/// False for a path with a NUL: the system would end it there, and open another file.
[[nodiscard]] bool is_name(const std::string& path) noexcept;

/// Opens for reading, with further `flags`. None if that fails; `errno` says why.
[[nodiscard]] unique_descriptor open_descriptor(const system_calls& calls, const std::string& path,
                                                int flags) noexcept;

/// Throws what `errno` says of a path that does not open: `not_found`, or `io`.
[[noreturn]] void refuse_open(const std::string& path);

}  // namespace warmstart::detail

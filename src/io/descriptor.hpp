#pragma once

#include <unistd.h>

#include "core/unique_handle.hpp"

namespace warmstart {

struct descriptor_traits {
  using handle_type = int;
  static constexpr int none = -1;
  static void close(int descriptor) noexcept { (void)::close(descriptor); }
};

/// Owns a file descriptor of the system's.
using unique_descriptor = unique_handle<descriptor_traits>;

}  // namespace warmstart

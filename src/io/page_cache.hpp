#pragma once

#include <cstdint>

namespace warmstart {

/// About how much of an open file the system has in memory, 0 to 1, by a sample of its pages. 1
/// where it will not say, as of files that are neither the process's own nor writable to it.
[[nodiscard]] double cached_share(int descriptor, std::int64_t size_bytes) noexcept;

}  // namespace warmstart

#pragma once

#include <cstdint>
#include <optional>

namespace warmstart::detail {

/// About how much of an open file the system has in memory, 0 to 1, by a sample of its pages. It
/// tells that of files that are the process's own or writable to it, and of others nothing.
[[nodiscard]] std::optional<double> cached_share(int descriptor, std::int64_t size_bytes) noexcept;

}  // namespace warmstart::detail

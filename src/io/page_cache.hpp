#pragma once

#include <cstdint>
#include <optional>

namespace warmstart::detail {

/// Approximate share of an open file that is in the page cache, 0 to 1, from a sample of its pages.
/// Nothing if unknown: the system only reports it for files that the process owns or may write.
[[nodiscard]] std::optional<double> cached_share(int descriptor, std::int64_t size_bytes) noexcept;

}  // namespace warmstart::detail

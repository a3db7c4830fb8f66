#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart {

/// Up to three of `candidates` that `wanted` may be a slip of, the nearest first: few letters
/// differ, or the part behind the last `/` is the same. Those that are clearly farther than the
/// nearest are left out.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view wanted,
                                                     std::span<const std::string_view> candidates);

/// "; did you mean a, b or c?", or nothing if there are none.
[[nodiscard]] std::string did_you_mean(std::string_view wanted,
                                       std::span<const std::string_view> candidates);

}  // namespace warmstart

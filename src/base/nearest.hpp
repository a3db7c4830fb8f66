#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// Up to three of `candidates` that `wanted` may be a slip of, the nearest first: few letters
/// differ, or the part behind the last `/` is the same; where there are none, those that begin in
/// the same way. Those that are clearly farther than the nearest are left out.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view wanted,
                                                     std::span<const std::string_view> candidates);

/// "; did you mean a, b or c?", or if nothing is near, what there is: "; there are a, b, c and 7
/// more". Nothing if there is nothing. Looks at all candidates.
[[nodiscard]] std::string did_you_mean(std::string_view wanted,
                                       std::span<const std::string_view> candidates);

}  // namespace warmstart::detail

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// Spelling suggestions: up to three of `candidates` for which `wanted` may be a misspelling, the
/// nearest first. Few letters differ, or the part after the last `/` is equal; if there are none,
/// candidates with the same prefix. Leaves out candidates that are clearly worse than the best one.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view wanted,
                                                     std::span<const std::string_view> candidates);

/// "; did you mean a, b or c?", or if nothing is similar, the candidates: "; there are a, b, c and
/// 7 more". Empty if there are no candidates. Takes time proportional to their number.
[[nodiscard]] std::string did_you_mean(std::string_view wanted,
                                       std::span<const std::string_view> candidates);

}  // namespace warmstart::detail

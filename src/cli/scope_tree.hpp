#pragma once

#include <span>
#include <string>

#include "warmstart/checkpoint.hpp"

namespace warmstart::detail::cli {

/// Tensors by the scopes of their names, for people: each scope with how many tensors and bytes it
/// holds, and below it what it holds. Scopes end with `/` where some name has one, else with `.`;
/// one that holds nothing but another is written with it. Below `depth` levels (0: no end) only the
/// sums are shown.
[[nodiscard]] std::string scope_tree(std::span<const tensor_info> tensors, int depth);

}  // namespace warmstart::detail::cli

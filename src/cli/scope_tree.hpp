#pragma once

#include <span>
#include <string>

#include "warmstart/checkpoint.hpp"

namespace warmstart::detail::cli {

/// Prints tensors as a tree of scopes. Each scope has its number of tensors and bytes, and below it
/// its contents. Scopes end with `/` if any name contains one, else with `.`. A scope that contains
/// only another scope is printed on the same line. Below `depth` levels (0: no limit) only sums are
/// shown.
[[nodiscard]] std::string scope_tree(std::span<const tensor_info> tensors, int depth);

}  // namespace warmstart::detail::cli

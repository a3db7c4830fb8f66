#pragma once

#include <cstddef>
#include <cstdio>

namespace warmstart::detail::cli {

[[nodiscard]] bool is_terminal(std::FILE* file) noexcept;

/// Columns of a terminal at this moment; 80 where it does not say.
[[nodiscard]] std::size_t terminal_width(std::FILE* terminal) noexcept;

}  // namespace warmstart::detail::cli

#pragma once

#include <cstddef>
#include <cstdio>

namespace warmstart::detail::cli {

[[nodiscard]] bool is_terminal(std::FILE* file) noexcept;

/// The current width of a terminal in columns; 80 if it is not known.
[[nodiscard]] std::size_t terminal_width(std::FILE* terminal) noexcept;

}  // namespace warmstart::detail::cli

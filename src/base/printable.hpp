#pragma once

#include <string>
#include <string_view>

namespace warmstart::detail {

/// Escapes control characters of a name as `\x00`, for display.
[[nodiscard]] std::string printable(std::string_view name);

}  // namespace warmstart::detail

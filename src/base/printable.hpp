#pragma once

#include <string>
#include <string_view>

namespace warmstart::detail {

/// Names are bytes; for people, control characters are spelled `\x00`.
[[nodiscard]] std::string printable(std::string_view name);

}  // namespace warmstart::detail

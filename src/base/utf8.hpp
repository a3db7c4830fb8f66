#pragma once

#include <string_view>

namespace warmstart::detail {

/// Whether a text is valid UTF-8: shortest forms only, up to U+10FFFF. Surrogates are allowed,
/// because Python writes them, with three bytes each.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace warmstart::detail

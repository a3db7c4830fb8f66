#pragma once

#include <string_view>

namespace warmstart::detail {

/// Whether a text is UTF-8: shortest forms, up to U+10FFFF. Surrogates, which Python writes as
/// three bytes each, are allowed.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace warmstart::detail

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "warmstart/error.hpp"

namespace warmstart::detail {

/// Parses a document in linear time. Throws `code` for invalid JSON (with line, column and what was
/// expected), numbers that are out of range, duplicate keys, and nesting of more than 100 levels.
/// Messages start with `whose`, which names the document.
[[nodiscard]] nlohmann::json parse_strict_json(std::string_view text, const std::string& whose,
                                               error_code code);

}  // namespace warmstart::detail

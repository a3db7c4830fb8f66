#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "warmstart/error.hpp"

namespace warmstart::detail {

/// Parses a document, in linear time. Throws `code` for what is not valid JSON, with line,
/// column and what was expected, for numbers that no type holds, for keys given twice, and for
/// lists and objects more than 100 deep. `whose`: whose JSON it is, at the front of messages.
[[nodiscard]] nlohmann::json parse_strict_json(std::string_view text, const std::string& whose,
                                               error_code code);

}  // namespace warmstart::detail

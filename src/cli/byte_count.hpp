#pragma once

#include <cstdint>
#include <string_view>

namespace warmstart::detail::cli {

/// Parses a number of bytes of at least 1, such as `67108864`, `64MiB` or `64m`. Units are powers
/// of 1024, in any case. Throws `invalid_argument` for anything else, and for more than 2^63 - 1.
[[nodiscard]] std::int64_t parse_byte_count(std::string_view text);

}  // namespace warmstart::detail::cli

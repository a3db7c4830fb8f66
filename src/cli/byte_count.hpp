#pragma once

#include <cstdint>
#include <string_view>

namespace warmstart::detail::cli {

/// `67108864`, `64MiB`, `64m`: a number of bytes of at least 1, with a unit (of 1024) or without,
/// in letters of any case. Throws `invalid_argument` for anything else, and for more than 2^63 - 1.
[[nodiscard]] std::int64_t parse_byte_count(std::string_view text);

}  // namespace warmstart::detail::cli

#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace warmstart::detail::cli {

// What options take. A value that does not fit is refused in the words of the user, who sees
// `--io: expected auto, buffered, direct or mapped, found 'fast'`.

/// A word of a list; the option gets the number beside it.
[[nodiscard]] CLI::Validator one_of(std::vector<std::pair<std::string, int>> words);

/// `on|off` of `one_of({{"on", 1}, {"off", 0}})`.
[[nodiscard]] std::string words_of(const std::vector<std::pair<std::string, int>>& words);

[[nodiscard]] CLI::Validator number_from(std::size_t lowest, std::size_t highest);

/// A number of bytes, as `parse_byte_count`.
[[nodiscard]] CLI::Validator byte_count();

[[nodiscard]] CLI::Validator device_name();

}  // namespace warmstart::detail::cli

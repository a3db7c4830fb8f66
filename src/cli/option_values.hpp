#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace warmstart::detail::cli {

// Validators for the values of options. Their messages show what the user typed:
// `--io: expected auto, buffered, direct or mapped, found 'fast'`.

/// Accepts a word of the list; the option's value is the word's number.
[[nodiscard]] CLI::Validator one_of(std::vector<std::pair<std::string, int>> words);

/// The words for help texts: `on|off` for `{{"on", 1}, {"off", 0}}`.
[[nodiscard]] std::string words_of(const std::vector<std::pair<std::string, int>>& words);

[[nodiscard]] CLI::Validator number_from(std::size_t lowest, std::size_t highest);

/// Accepts what `parse_byte_count` accepts.
[[nodiscard]] CLI::Validator byte_count();

[[nodiscard]] CLI::Validator device_name();

}  // namespace warmstart::detail::cli

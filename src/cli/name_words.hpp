#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail::cli {

/// The words of a tensor's or variable's name, in lower case: what is between `/`, `.`, `_` and the
/// like, and numbers by themselves. Words that frameworks use for the same thing become one.
struct name_words {
  explicit name_words(std::string_view name);

  std::vector<std::string> words;    ///< numbers included
  std::vector<std::string> numbers;  ///< without leading zeros
};

/// How much two names have in common, 0 to 1: words that both have, in the same order, of all that
/// they have.
[[nodiscard]] double likeness(const name_words& a, const name_words& b);

/// The name as it is compared: `/` for `.`, without `:0` at its end.
[[nodiscard]] std::string plain_name(std::string_view name);

}  // namespace warmstart::detail::cli

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail::cli {

/// The words of a tensor's or variable's name, in lower case, split at `/`, `.`, `_` and other
/// characters; numbers are separate words. Synonyms of the frameworks become the same word.
struct name_words {
  explicit name_words(std::string_view name);

  std::vector<std::string> words;    ///< numbers included
  std::vector<std::string> numbers;  ///< without leading zeros
};

/// How alike two names are, 0 to 1: the share of their words in the longest common subsequence.
[[nodiscard]] double likeness(const name_words& a, const name_words& b);

/// A name for comparison: `/` in place of `.`, and no `:0` at the end.
[[nodiscard]] std::string plain_name(std::string_view name);

}  // namespace warmstart::detail::cli

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// A name in which `{word}` matches one or more characters other than `/` and `.`, the same ones at
/// each occurrence of the word. Other braces are literal.
///
///     blocks/{n}/w    blocks/0/w: n = 0    blocks/11/w: n = 11    not blocks/0/1/w
class name_pattern {
 public:
  /// The text that each word matches.
  using binding = std::map<std::string, std::string, std::less<>>;

  explicit name_pattern(std::string_view spelled);
  /// A pattern that matches only `name`, even if it contains braces.
  [[nodiscard]] static name_pattern literal(std::string name);

  /// Whether the pattern has no placeholder.
  [[nodiscard]] bool is_literal() const noexcept;
  /// Whether the pattern ends with `/`.
  [[nodiscard]] bool is_scope() const noexcept;
  /// A word of this pattern that is missing in the other one, if any.
  [[nodiscard]] std::optional<std::string> word_not_in(const name_pattern& other) const;

  /// One way to match a name. A pattern that ends with `/` matches a prefix of the name, of
  /// `length` bytes.
  struct match {
    binding words;
    std::size_t length = 0;
  };
  /// All ways to match `name`, or nothing if there are too many to search.
  [[nodiscard]] std::optional<std::vector<match>> matches(std::string_view name) const;

  /// The name with all placeholders replaced. `words` must bind all words of the pattern.
  [[nodiscard]] std::string with(const binding& words) const;

 private:
  name_pattern() = default;

  struct segment {
    std::string text;
    bool placeholder = false;
  };
  std::vector<segment> segments_;
};

}  // namespace warmstart::detail

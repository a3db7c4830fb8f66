#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// A name in which `{word}` stands for one or more characters other than `/` and `.`, the same ones
/// wherever the word occurs. Other braces are what they are.
///
///     blocks/{n}/w    blocks/0/w: n = 0    blocks/11/w: n = 11    not blocks/0/1/w
class name_pattern {
 public:
  /// What the words stand for.
  using binding = std::map<std::string, std::string, std::less<>>;

  explicit name_pattern(std::string_view spelled);
  /// The name itself, whatever its braces.
  [[nodiscard]] static name_pattern literal(std::string name);

  /// Whether there is no placeholder.
  [[nodiscard]] bool is_literal() const noexcept;
  /// It ends with `/`.
  [[nodiscard]] bool is_scope() const noexcept;
  /// A word of this pattern that the other one does not have, if there is one.
  [[nodiscard]] std::optional<std::string> word_not_in(const name_pattern& other) const;

  /// All ways to read a name as this pattern; of a pattern that ends with `/`, as the beginning of
  /// the name (`length`: how much of it). Nothing if there are too many to look at.
  struct match {
    binding words;
    std::size_t length = 0;
  };
  [[nodiscard]] std::optional<std::vector<match>> matches(std::string_view name) const;

  /// The name that it becomes. All its words are bound.
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

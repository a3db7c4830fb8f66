#include "resolve/name_pattern.hpp"

#include <algorithm>
#include <utility>

namespace warmstart::detail {
namespace {

// Limits the search, because patterns with many placeholders and few fixed characters match in too
// many ways.
constexpr int MAX_STEPS = 10'000;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_separator(char c) {
  return c == '/' || c == '.';
}

// Length of the placeholder at the start of the text, or 0.
std::size_t placeholder_length(std::string_view text) {
  if (!text.starts_with('{')) return 0;
  const auto end = std::find_if_not(text.begin() + 1, text.end(), is_word_character);
  const auto length = static_cast<std::size_t>(end - text.begin());
  return length > 1 && end != text.end() && *end == '}' ? length + 1 : 0;
}

}  // namespace

name_pattern::name_pattern(std::string_view spelled) {
  for (std::size_t at = 0; at < spelled.size();) {
    const std::size_t length = placeholder_length(spelled.substr(at));
    if (length > 0) {
      segments_.push_back({std::string(spelled.substr(at + 1, length - 2)), true});
      at += length;
      continue;
    }
    if (segments_.empty() || segments_.back().placeholder) segments_.push_back({});
    segments_.back().text += spelled[at++];
  }
}

name_pattern name_pattern::literal(std::string name) {
  name_pattern made;
  made.segments_.push_back({std::move(name), false});
  return made;
}

bool name_pattern::is_literal() const noexcept {
  return std::none_of(segments_.begin(), segments_.end(),
                      [](const segment& one) { return one.placeholder; });
}

bool name_pattern::is_scope() const noexcept {
  return !segments_.empty() && !segments_.back().placeholder &&
         segments_.back().text.ends_with('/');
}

std::optional<std::string> name_pattern::word_not_in(const name_pattern& other) const {
  for (const segment& one : segments_) {
    const auto same = [&](const segment& word) {
      return word.placeholder && word.text == one.text;
    };
    if (one.placeholder && std::none_of(other.segments_.begin(), other.segments_.end(), same)) {
      return one.text;
    }
  }
  return std::nullopt;
}

std::optional<std::vector<name_pattern::match>> name_pattern::matches(std::string_view name) const {
  std::vector<match> found;
  binding bound;
  int steps_left = MAX_STEPS;
  const auto read = [&](const auto& self, std::size_t s, std::size_t at) -> void {
    if (--steps_left < 0) return;
    if (s == segments_.size()) {
      if (at == name.size() || is_scope()) found.push_back({.words = bound, .length = at});
      return;
    }
    const segment& one = segments_[s];
    const auto known = bound.find(one.text);
    if (!one.placeholder || known != bound.end()) {
      const std::string& text = one.placeholder ? known->second : one.text;
      if (name.substr(at).starts_with(text)) self(self, s + 1, at + text.size());
      return;
    }
    for (std::size_t end = at; end < name.size() && !is_separator(name[end]);) {
      ++end;
      bound[one.text] = std::string(name.substr(at, end - at));
      self(self, s + 1, end);
      bound.erase(one.text);
    }
  };
  read(read, 0, 0);
  if (steps_left < 0) return std::nullopt;
  return found;
}

std::string name_pattern::with(const binding& words) const {
  std::string name;
  for (const segment& one : segments_) {
    name += one.placeholder ? words.find(one.text)->second : one.text;
  }
  return name;
}

}  // namespace warmstart::detail

#include "cli/name_words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace warmstart::detail::cli {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;  // UTF-8, too
}

// Words of TensorFlow and the equivalent words of PyTorch.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> SAME_WORDS = {
    {{"kernel", "weight"},
     {"weights", "weight"},
     {"gamma", "weight"},
     {"beta", "bias"},
     {"biases", "bias"},
     {"embeddings", "embedding"},
     {"moving", "running"},
     {"variance", "var"}}};

std::string common_word(std::string word) {
  for (const auto& [one, other] : SAME_WORDS) {
    if (word == one) return std::string(other);
  }
  return word;
}

// Removes the ending of an object-based checkpoint's keys, which all have the same words.
std::string_view without_attributes(std::string_view name) {
  return name.substr(0, name.find("/.ATTRIBUTES/"));
}

}  // namespace

name_words::name_words(std::string_view name) {
  name = without_attributes(name);
  if (name.ends_with(":0")) name.remove_suffix(2);
  for (std::size_t at = 0; at < name.size();) {
    const auto is_more = is_digit(name[at]) ? is_digit : is_letter;
    std::size_t end = at;
    while (end < name.size() && is_more(name[end])) ++end;
    std::string word(name.substr(at, end - at));
    at = std::max(end, at + 1);
    if (word.empty()) continue;
    if (is_digit(word[0])) {
      word.erase(0, std::min(word.find_first_not_of('0'), word.size() - 1));
      numbers.push_back(word);
    }
    for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    words.push_back(common_word(std::move(word)));
  }
}

// By the longest common subsequence of words.
double likeness(const name_words& a, const name_words& b) {
  const std::size_t both = a.words.size() + b.words.size();
  if (both == 0) return 0;
  std::vector<std::size_t> longest(b.words.size() + 1);
  for (const std::string& word : a.words) {
    std::size_t diagonal = 0;
    for (std::size_t i = 0; i < b.words.size(); ++i) {
      const std::size_t above = longest[i + 1];
      longest[i + 1] = word == b.words[i] ? diagonal + 1 : std::max(longest[i], longest[i + 1]);
      diagonal = above;
    }
  }
  return 2 * static_cast<double>(longest.back()) / static_cast<double>(both);
}

std::string plain_name(std::string_view name) {
  if (name.ends_with(":0")) name.remove_suffix(2);
  std::string plain(name);
  std::replace(plain.begin(), plain.end(), '.', '/');
  return plain;
}

}  // namespace warmstart::detail::cli

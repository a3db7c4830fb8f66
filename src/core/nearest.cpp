#include "core/nearest.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace warmstart {
namespace {

constexpr std::size_t MOST_NAMES = 3;

std::string_view last_component(std::string_view name) {
  while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  return name.substr(name.rfind('/') + 1);
}

// Levenshtein's distance with swaps of neighbours, or `limit` + 1 if it is more than that.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::vector<std::size_t> before;
  std::vector<std::size_t> above(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    if (*std::min_element(row.begin(), row.end()) > limit) return limit + 1;
    before = std::exchange(above, std::move(row));
  }
  return std::min(above[b.size()], limit + 1);
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view wanted,
                                       std::span<const std::string_view> candidates) {
  const std::size_t limit = std::max<std::size_t>(2, wanted.size() / 4);
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const std::string_view candidate : candidates) {
    std::size_t distance = edit_distance(wanted, candidate, limit);
    if (distance > limit && last_component(wanted) == last_component(candidate)) distance = limit;
    if (distance <= limit) found.emplace_back(distance, candidate);
  }
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(MOST_NAMES, found.size()));
  std::partial_sort(found.begin(), end, found.end());
  std::vector<std::string> names;
  for (auto one = found.begin(); one != end && one->first <= found.front().first + 1; ++one) {
    names.emplace_back(one->second);
  }
  return names;
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> candidates) {
  const std::vector<std::string> names = nearest_names(wanted, candidates);
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "; did you mean " : i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text.empty() ? text : text + '?';
}

}  // namespace warmstart

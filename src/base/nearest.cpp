#include "base/nearest.hpp"

#include <algorithm>
#include <utility>

namespace warmstart::detail {
namespace {

constexpr std::size_t MAX_NAMES = 3;
constexpr std::size_t SHORTEST_BEGINNING = 3;

std::string_view last_component(std::string_view name) {
  while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  return name.substr(name.rfind('/') + 1);
}

std::size_t common_beginning(std::string_view a, std::string_view b) {
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(differ - a.begin());
}

std::size_t common_end(std::string_view a, std::string_view b) {
  const auto differ = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first;
  return static_cast<std::size_t>(differ - a.rbegin());
}

// Edit distance (Levenshtein's with transpositions of neighbours), or `limit` + 1 if it is above
// `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  // Strip the common prefix and suffix: names in one model share most of their letters.
  const std::size_t first = common_beginning(a, b);
  a.remove_prefix(first);
  b.remove_prefix(first);
  const std::size_t last = common_end(a, b);
  a.remove_suffix(last);
  b.remove_suffix(last);
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    if (*std::min_element(row.begin(), row.end()) > limit) return limit + 1;
    before.swap(above);
    above.swap(row);
  }
  return std::min(above[b.size()], limit + 1);
}

using ranked_names = std::vector<std::pair<std::size_t, std::string_view>>;

// The best names, at most MAX_NAMES, whose rank is at most `slack` worse than the best one.
std::vector<std::string> best_of(ranked_names found, std::size_t slack) {
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(MAX_NAMES, found.size()));
  std::partial_sort(found.begin(), end, found.end());
  std::vector<std::string> names;
  for (auto one = found.begin(); one != end && one->first <= found.front().first + slack; ++one) {
    names.emplace_back(one->second);
  }
  return names;
}

// Candidates that share with `wanted` a prefix of at least half of the shorter name.
std::vector<std::string> similar_beginnings(std::string_view wanted,
                                            std::span<const std::string_view> candidates) {
  ranked_names found;
  for (const std::string_view candidate : candidates) {
    const std::size_t common = common_beginning(wanted, candidate);
    if (common >= SHORTEST_BEGINNING && 2 * common >= std::min(wanted.size(), candidate.size())) {
      found.emplace_back(wanted.size() - common, candidate);
    }
  }
  return best_of(std::move(found), 0);
}

std::string some_of(std::span<const std::string_view> names) {
  if (names.empty()) return {};
  if (names.size() == 1) return "; there is only " + std::string(names[0]);
  std::string text = "; there are ";
  const std::size_t shown = std::min(MAX_NAMES, names.size());
  for (std::size_t i = 0; i < shown; ++i) {
    if (i != 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  if (shown != names.size()) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view wanted,
                                       std::span<const std::string_view> candidates) {
  const std::size_t limit = std::max<std::size_t>(2, wanted.size() / 4);
  ranked_names found;
  for (const std::string_view candidate : candidates) {
    std::size_t distance = edit_distance(wanted, candidate, limit);
    if (distance > limit && last_component(wanted) == last_component(candidate)) distance = limit;
    if (distance <= limit) found.emplace_back(distance, candidate);
  }
  return found.empty() ? similar_beginnings(wanted, candidates) : best_of(std::move(found), 1);
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> candidates) {
  const std::vector<std::string> names = nearest_names(wanted, candidates);
  if (names.empty()) return some_of(candidates);
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "; did you mean " : i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text + '?';
}

}  // namespace warmstart::detail

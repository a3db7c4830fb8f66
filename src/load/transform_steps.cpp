#include "load/transform_steps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "load/vocabulary.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

using namespace detail;

namespace {

std::vector<std::int64_t> compare_vocabularies(const remap& how) {
  const std::vector<std::string> old_tokens = read_vocabulary(how.old_vocabulary, how.old_size);
  std::unordered_map<std::string_view, std::int64_t> old_index;
  for (std::size_t line = 0; line < old_tokens.size(); ++line) {
    const auto [first, fresh] =
        old_index.try_emplace(old_tokens[line], static_cast<std::int64_t>(line));
    if (fresh) continue;
    throw error(error_code::corrupt, fmt::format("{}, line {}: the token is already on line {}",
                                                 how.old_vocabulary, line + 1, first->second + 1));
  }
  std::vector<std::int64_t> indices;
  for (const std::string& token : read_vocabulary(how.new_vocabulary, how.new_size)) {
    const auto known = old_index.find(token);
    indices.push_back(known == old_index.end() ? -1 : known->second);
  }
  return indices;
}

std::shared_ptr<const index_remap> to_index_remap(const remap& how) {
  const bool old_given = !how.old_vocabulary.empty();
  const bool new_given = !how.new_vocabulary.empty();
  if (old_given != new_given || (old_given && !how.indices.empty())) {
    throw error(error_code::invalid_argument,
                "a remap has either indices, or an old and a new vocabulary");
  }
  if (!old_given && (how.old_size || how.new_size)) {
    throw error(error_code::invalid_argument, "old_size and new_size need vocabularies");
  }
  return std::make_shared<const index_remap>(old_given ? compare_vocabularies(how) : how.indices);
}

std::string in_words(const remap& how) {
  if (how.old_vocabulary.empty()) return fmt::format("{} indices", how.indices.size());
  const auto size = [](const std::optional<std::int64_t>& lines) {
    return lines ? fmt::format(" ({} lines)", *lines) : "";
  };
  return fmt::format("{}{} to {}{}", how.old_vocabulary, size(how.old_size), how.new_vocabulary,
                     size(how.new_size));
}

}  // namespace

view_steps detail::to_view_steps(const transform& changes) {
  view_steps steps{
      .part = changes.slice, .reshaped = changes.reshape, .order = changes.transpose, .remaps = {}};
  std::vector<problem> problems;
  const std::array remaps = {&changes.rows, &changes.columns};
  for (std::size_t d = 0; d < remaps.size(); ++d) {
    if (!*remaps[d]) continue;
    remap one = **remaps[d];
    // TensorFlow's warm start ignores the old vocabulary's size for columns.
    if (d == 1 && !one.old_vocabulary.empty()) one.old_size.reset();
    try {
      steps.remaps[d] = to_index_remap(one);
    } catch (const error& bad) {
      problems.insert(problems.end(), bad.problems().begin(), bad.problems().end());
    }
  }
  if (!problems.empty()) throw error(std::move(problems));
  return steps;
}

std::string to_string(const transform& changes) {
  std::vector<std::string> steps;
  if (!changes.slice.empty()) {
    std::vector<std::string> extents;
    for (const slice_extent& one : changes.slice) {
      extents.push_back(fmt::format("{},{}", one.start, one.length));
    }
    steps.push_back(fmt::format("slice {}", fmt::join(extents, ":")));
  }
  if (changes.reshape)
    steps.push_back(fmt::format("reshape [{}]", fmt::join(*changes.reshape, ",")));
  if (!changes.transpose.empty()) {
    steps.push_back(fmt::format("transpose {}", fmt::join(changes.transpose, ",")));
  }
  if (changes.rows) steps.push_back("rows " + in_words(*changes.rows));
  if (changes.columns) steps.push_back("columns " + in_words(*changes.columns));
  if (changes.cast) steps.emplace_back(*changes.cast ? "cast" : "no cast");
  return fmt::format("{}", fmt::join(steps, ", "));
}

}  // namespace warmstart

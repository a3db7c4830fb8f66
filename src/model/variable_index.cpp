#include "model/variable_index.hpp"

#include <set>
#include <utility>

namespace warmstart::detail {

void variable_index::add(std::vector<variable_info> rows_of_variable) {
  const auto count = static_cast<std::uint32_t>(rows_of_variable.size());
  const auto begin = static_cast<std::uint32_t>(rows_.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    variable_info& row = rows_of_variable[i];
    // Names are often sorted already, so the end is a good hint.
    if (i == 0) {
      variables_.emplace_hint(variables_.end(), row.full_name,
                              row_range{.first = begin, .count = count});
    }
    if (row.partitioned) {
      ++parts_.emplace_hint(parts_.end(), row.name, row_range{.first = begin + i, .count = 0})
            ->second.count;
    }
    numbers_.push_back(begin + i);
    rows_.push_back(std::move(row));
  }
}

variable_index::named_rows variable_index::view_of(const range_map::value_type& entry) const {
  const auto& [name, range] = entry;
  return {.name = name,
          .rows = std::span(numbers_).subspan(range.first, range.count),
          .partitioned = rows_[range.first].partitioned};
}

std::optional<variable_index::named_rows> variable_index::find_exactly(
    std::string_view name) const {
  for (const range_map* names : {&variables_, &parts_}) {
    const auto found = names->find(name);
    if (found != names->end()) return view_of(*found);
  }
  return std::nullopt;
}

std::optional<variable_index::named_rows> variable_index::find(std::string_view name) const {
  for (;; name.remove_suffix(2)) {
    auto found = find_exactly(name);
    if (found || !name.ends_with(":0")) return found;
  }
}

std::vector<variable_index::named_rows> variable_index::variables_in(
    const std::string& scope) const {
  std::vector<named_rows> found;
  if (scope.empty()) {
    found.reserve(variables_.size());
    for (const auto& entry : variables_) found.push_back(view_of(entry));
    return found;
  }
  const auto own = variables_.find(scope);
  if (own != variables_.end() && view_of(*own).partitioned) found.push_back(view_of(*own));
  const std::string prefix = scope + '/';
  for (auto next = variables_.lower_bound(prefix);
       next != variables_.end() && next->first.starts_with(prefix); ++next) {
    found.push_back(view_of(*next));
  }
  return found;
}

std::vector<std::string_view> variable_index::variable_names() const {
  std::vector<std::string_view> names;
  names.reserve(variables_.size());
  for (const auto& [name, range] : variables_) names.emplace_back(name);
  return names;
}

std::vector<std::string_view> variable_index::scope_names() const {
  std::set<std::string_view> scopes;
  for (const auto& [key, range] : variables_) {
    const std::string_view name = key;
    for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1)) {
      scopes.insert(name.substr(0, slash + 1));
    }
  }
  return {scopes.begin(), scopes.end()};
}

}  // namespace warmstart::detail

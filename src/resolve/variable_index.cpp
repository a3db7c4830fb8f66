#include "resolve/variable_index.hpp"

#include <algorithm>
#include <set>

namespace warmstart {

void variable_index::sorted_names::sort(std::span<const variable_info> of,
                                        std::string variable_info::*name) {
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return of[a].*name < of[b].*name; };
  // Often they are: to look is cheaper than to sort.
  if (!std::is_sorted(rows_.begin(), rows_.end(), before)) {
    std::stable_sort(rows_.begin(), rows_.end(), before);
  }
  names_.reserve(rows_.size());
  for (std::size_t first = 0, next = 0; first < rows_.size(); first = next) {
    const variable_info& one = of[rows_[first]];
    while (next < rows_.size() && of[rows_[next]].*name == one.*name) ++next;
    names_.push_back({.name = one.*name,
                      .rows = std::span(rows_).subspan(first, next - first),
                      .partitioned = one.partitioned});
  }
}

const variable_index::named_rows* variable_index::sorted_names::find(std::string_view name) const {
  const auto found = std::lower_bound(
      names_.begin(), names_.end(), name,
      [](const named_rows& one, std::string_view wanted) { return one.name < wanted; });
  return found != names_.end() && found->name == name ? &*found : nullptr;
}

variable_index::variable_index(std::span<const variable_info> rows) {
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    variables_.add(i);
    if (rows[i].partitioned) parts_.add(i);
  }
  variables_.sort(rows, &variable_info::full_name);
  parts_.sort(rows, &variable_info::name);
}

const variable_index::named_rows* variable_index::find(std::string_view name) const {
  if (const named_rows* whole = variables_.find(name)) return whole;
  if (const named_rows* part = parts_.find(name)) return part;
  return name.ends_with(":0") ? find(name.substr(0, name.size() - 2)) : nullptr;
}

std::vector<variable_index::named_rows> variable_index::variables_in(
    const std::string& scope) const {
  const auto all = variables_.all();
  if (scope.empty()) return {all.begin(), all.end()};
  std::vector<named_rows> found;
  const named_rows* own = variables_.find(scope);
  if (own != nullptr && own->partitioned) found.push_back(*own);
  const std::string prefix = scope + '/';
  auto next = std::lower_bound(
      all.begin(), all.end(), prefix,
      [](const named_rows& one, const std::string& wanted) { return one.name < wanted; });
  for (; next != all.end() && next->name.starts_with(prefix); ++next) found.push_back(*next);
  return found;
}

std::vector<std::string_view> variable_index::variable_names() const {
  std::vector<std::string_view> names;
  for (const named_rows& one : variables_.all()) names.push_back(one.name);
  return names;
}

std::vector<std::string_view> variable_index::scope_names() const {
  std::set<std::string_view> scopes;
  for (const auto& [name, rows, partitioned] : variables_.all()) {
    for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1)) {
      scopes.insert(name.substr(0, slash + 1));
    }
  }
  return {scopes.begin(), scopes.end()};
}

}  // namespace warmstart

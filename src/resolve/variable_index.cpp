#include "resolve/variable_index.hpp"

namespace warmstart {

variable_index::variable_index(std::span<const variable_info> rows) {
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    by_full_name_[rows[i].full_name].push_back(i);
    if (!rows[i].partitioned) continue;
    by_part_name_[rows[i].name].push_back(i);
    partitioned_.insert(rows[i].full_name);
  }
}

const variable_index::row_list* variable_index::find(std::string_view name) const {
  if (const auto whole = by_full_name_.find(name); whole != by_full_name_.end()) {
    return &whole->second;
  }
  if (const auto part = by_part_name_.find(name); part != by_part_name_.end()) {
    return &part->second;
  }
  return name.ends_with(":0") ? find(name.substr(0, name.size() - 2)) : nullptr;
}

std::vector<std::string_view> variable_index::names_in(const std::string& scope) const {
  std::vector<std::string_view> names;
  if (scope.empty()) return variable_names();
  if (const auto own = partitioned_.find(scope); own != partitioned_.end()) names.push_back(*own);
  const std::string prefix = scope + '/';
  for (auto one = by_full_name_.lower_bound(prefix);
       one != by_full_name_.end() && one->first.starts_with(prefix); ++one) {
    names.push_back(one->first);
  }
  return names;
}

std::vector<std::string_view> variable_index::variable_names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, rows] : by_full_name_) names.push_back(name);
  return names;
}

std::vector<std::string_view> variable_index::scope_names() const {
  std::set<std::string_view> scopes;
  for (const auto& [name, rows] : by_full_name_) {
    for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1)) {
      scopes.insert(name.substr(0, slash + 1));
    }
  }
  return {scopes.begin(), scopes.end()};
}

}  // namespace warmstart

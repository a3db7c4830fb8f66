#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/variable_info.hpp"

namespace warmstart {

/// Finds the rows of variables by name. Refers to the list that it was made from.
class variable_index {
 public:
  using row_list = std::vector<std::uint32_t>;

  explicit variable_index(std::span<const variable_info> rows);

  /// The rows of the variable, the partitioned variable or the part of that name (`:0` at its end
  /// is dropped if there is none with it), or null.
  [[nodiscard]] const row_list* find(std::string_view name) const;

  /// Names of the variables in `scope` (without its slash; empty: all of them), sorted. A
  /// partitioned variable is one name, without `/part_N`, and lies in a scope of its own name, too.
  [[nodiscard]] std::vector<std::string_view> names_in(const std::string& scope) const;

  /// Full names of variables, and names of scopes with a slash at the end.
  [[nodiscard]] std::vector<std::string_view> variable_names() const;
  [[nodiscard]] std::vector<std::string_view> scope_names() const;

 private:
  std::map<std::string_view, row_list> by_full_name_;
  std::map<std::string_view, row_list> by_part_name_;
  std::set<std::string_view> partitioned_;
};

}  // namespace warmstart

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/variable_info.hpp"

namespace warmstart::detail {

/// The rows of all variables, in order of creation, and which of them a name means. Variables are
/// only added: without one, the index is made anew.
class variable_index {
 public:
  using row_list = std::vector<std::uint32_t>;

  /// A name, and the rows that have it. Both are views, valid until a variable is added.
  struct named_rows {
    std::string_view name;
    std::span<const std::uint32_t> rows;  ///< at least one
    bool partitioned = false;
  };

  /// Adds the rows of one variable: all of its parts in order, and all replicas of each. Its names
  /// must be new.
  void add(std::vector<variable_info> rows_of_variable);

  [[nodiscard]] std::span<const variable_info> rows() const noexcept { return rows_; }

  /// The rows of the variable, the partitioned variable or the part of exactly that name.
  [[nodiscard]] std::optional<named_rows> find_exactly(std::string_view name) const;
  /// The same; where there is none, `:0` at the end of the name is dropped.
  [[nodiscard]] std::optional<named_rows> find(std::string_view name) const;

  /// The variables in `scope` (without its slash; empty: all of them), sorted by name. A
  /// partitioned variable is one name, without `/part_N`, and lies in a scope of its own name, too.
  [[nodiscard]] std::vector<named_rows> variables_in(const std::string& scope) const;

  /// Full names of variables, and names of scopes with a slash at the end.
  [[nodiscard]] std::vector<std::string_view> variable_names() const;
  [[nodiscard]] std::vector<std::string_view> scope_names() const;

 private:
  struct row_range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  using range_map = std::map<std::string, row_range, std::less<>>;

  [[nodiscard]] named_rows view_of(const range_map::value_type& entry) const;

  std::vector<variable_info> rows_;
  row_list numbers_;     ///< 0, 1, 2, ...: as many as rows
  range_map variables_;  ///< by full name
  range_map parts_;      ///< by name, of partitioned variables
};

}  // namespace warmstart::detail

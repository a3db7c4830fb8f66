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

/// The rows of all variables in order of creation, and a lookup of rows by name. Variables can only
/// be added; to remove one, rebuild the index.
class variable_index {
 public:
  using row_list = std::vector<std::uint32_t>;

  /// A name and its rows. Both are views that are valid until a variable is added.
  struct named_rows {
    std::string_view name;
    std::span<const std::uint32_t> rows;  ///< at least one
    bool partitioned = false;
  };

  /// Adds the rows of one variable: all parts in order, and all replicas of each part. Its names
  /// must be new.
  void add(std::vector<variable_info> rows_of_variable);

  [[nodiscard]] std::span<const variable_info> rows() const noexcept { return rows_; }

  /// The rows of the variable, partitioned variable or part with exactly that name.
  [[nodiscard]] std::optional<named_rows> find_exactly(std::string_view name) const;
  /// The same, but if nothing has the name, also tries it without `:0` at its end.
  [[nodiscard]] std::optional<named_rows> find(std::string_view name) const;

  /// The variables in `scope` (given without its slash; empty: all), sorted by name. A partitioned
  /// variable is listed once, without `/part_N`; the scope with its own name also contains it.
  [[nodiscard]] std::vector<named_rows> variables_in(const std::string& scope) const;

  /// Full names of variables, and names of scopes ending with a slash.
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
  row_list numbers_;     ///< 0, 1, 2, ..., one per row
  range_map variables_;  ///< by full name
  range_map parts_;      ///< parts of partitioned variables, by name
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
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

  /// A name, and the rows that have it.
  struct named_rows {
    std::string_view name;
    std::span<const std::uint32_t> rows;  ///< at least one
    bool partitioned = false;
  };

  explicit variable_index(std::span<const variable_info> rows);

  /// The rows of the variable, the partitioned variable or the part of that name (`:0` at its end
  /// is dropped if there is none with it), or null.
  [[nodiscard]] const named_rows* find(std::string_view name) const;

  /// The variables in `scope` (without its slash; empty: all of them), sorted by name. A
  /// partitioned variable is one name, without `/part_N`, and lies in a scope of its own name, too.
  [[nodiscard]] std::vector<named_rows> variables_in(const std::string& scope) const;

  /// Full names of variables, and names of scopes with a slash at the end.
  [[nodiscard]] std::vector<std::string_view> variable_names() const;
  [[nodiscard]] std::vector<std::string_view> scope_names() const;

 private:
  /// Rows sorted by one of their names, and where each name's begin.
  class sorted_names {
   public:
    void add(std::uint32_t row) { rows_.push_back(row); }
    void sort(std::span<const variable_info> of, std::string variable_info::*name);
    [[nodiscard]] const named_rows* find(std::string_view name) const;
    [[nodiscard]] std::span<const named_rows> all() const { return names_; }

   private:
    row_list rows_;
    std::vector<named_rows> names_;
  };

  sorted_names variables_;
  sorted_names parts_;
};

}  // namespace warmstart

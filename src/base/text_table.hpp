#pragma once

#include <cstddef>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

namespace warmstart::detail {

/// A text table with aligned columns.
class text_table {
 public:
  /// Columns whose indices are in `right` are aligned to the right.
  text_table(std::vector<std::string> header, std::set<std::size_t> right)
      : right_(std::move(right)), rows_{std::move(header)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// One line per row, two spaces between columns, no trailing spaces.
  [[nodiscard]] std::string str() const;

 private:
  std::set<std::size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace warmstart::detail

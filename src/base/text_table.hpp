#pragma once

#include <cstddef>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

namespace warmstart::detail {

/// Columns that line up, for people.
class text_table {
 public:
  /// Columns named in `right` (by position) are aligned to the right.
  text_table(std::vector<std::string> header, std::set<std::size_t> right)
      : right_(std::move(right)), rows_{std::move(header)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// One line a row, two spaces between columns, no spaces at line ends.
  [[nodiscard]] std::string str() const;

 private:
  std::set<std::size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace warmstart::detail

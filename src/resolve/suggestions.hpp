#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalog.hpp"
#include "model/variable_index.hpp"

namespace warmstart::detail {

/// Spelling suggestions for unknown names in the messages of one call (`did_you_mean`). Searching
/// all names is slow, so lists are built on demand and only the first 20 messages get a suggestion.
/// Keeps references to its arguments.
class suggestions {
 public:
  suggestions(const variable_index& variables, const catalog& source)
      : variables_(variables), source_(source) {}

  [[nodiscard]] std::string variable(std::string_view wanted);
  [[nodiscard]] std::string scope(std::string_view wanted);
  /// Suggests among all names of tensors, and reports if more names could not be read.
  [[nodiscard]] std::string tensor(std::string_view wanted);

 private:
  [[nodiscard]] bool another() { return left_-- > 0; }

  const variable_index& variables_;
  const catalog& source_;
  std::int64_t left_ = 20;
  std::vector<std::string_view> variable_names_;
  std::vector<std::string_view> scope_names_;
  std::vector<std::string_view> tensor_names_;
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalog.hpp"
#include "model/variable_index.hpp"

namespace warmstart::detail {

/// What the messages of one call say of names that are not there (`did_you_mean`). To look through
/// all names takes its time: the lists are made when a message needs them, and only the first
/// messages, which people read, get an answer. Refers to what it is made from.
class suggestions {
 public:
  suggestions(const variable_index& variables, const catalog& source)
      : variables_(variables), source_(source) {}

  [[nodiscard]] std::string variable(std::string_view wanted);
  [[nodiscard]] std::string scope(std::string_view wanted);
  /// All names of tensors; says, too, if there may be others that could not be read.
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

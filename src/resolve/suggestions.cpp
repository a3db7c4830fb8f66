#include "resolve/suggestions.hpp"

#include "base/nearest.hpp"

namespace warmstart::detail {

std::string suggestions::variable(std::string_view wanted) {
  if (!another()) return {};
  if (variable_names_.empty()) variable_names_ = variables_.variable_names();
  return did_you_mean(wanted, variable_names_);
}

std::string suggestions::scope(std::string_view wanted) {
  if (!another()) return {};
  if (scope_names_.empty()) scope_names_ = variables_.scope_names();
  return did_you_mean(wanted, scope_names_);
}

std::string suggestions::tensor(std::string_view wanted) {
  if (!another()) return {};
  if (tensor_names_.empty()) {
    for (const catalog_tensor& one : source_.tensors) tensor_names_.push_back(one.name);
    for (const tensor_alias& one : source_.aliases) tensor_names_.push_back(one.name);
  }
  std::string text = did_you_mean(wanted, tensor_names_);
  if (source_.missing_names_reason.empty()) return text;
  return text + " (names of variables are not known: " + source_.missing_names_reason + ")";
}

}  // namespace warmstart::detail

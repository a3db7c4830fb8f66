#include "resolve/fit.hpp"

#include <string>

namespace warmstart {
namespace {

std::string both(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : a + "; " + b;
}

std::string type_misfit(dtype variable, const catalog_tensor& tensor, bool cast) {
  if (variable == tensor.type || (cast && can_cast(tensor.type, variable))) return {};
  std::string why = "expected dtype " + std::string(name_of(variable)) + ", found " +
                    std::string(name_of(tensor.type));
  if (can_cast(tensor.type, variable)) return why + " (the option 'cast' converts it)";
  return cast ? why + ", which can not be converted" : why;
}

std::string shape_misfit(const shape& expected, const catalog_tensor& tensor) {
  if (expected == tensor.full_shape) return {};
  return "expected shape " + to_string(expected) + ", found " + to_string(tensor.full_shape);
}

std::string coverage_misfit(std::span<const variable_info* const> rows,
                            const catalog_tensor& tensor, row_role role) {
  for (const variable_info* row : rows) {
    const slice wanted = wanted_slice(*row, tensor, role);
    const std::int64_t missing = missing_elements(tensor, wanted);
    if (missing == 0) continue;
    return "its stored slices do not cover " + to_string(wanted) + ": " + std::to_string(missing) +
           " elements are missing";
  }
  return {};
}

}  // namespace

slice wanted_slice(const variable_info& row, const catalog_tensor& tensor, row_role role) {
  return role == row_role::whole ? slice::all_of(tensor.full_shape) : row.where;
}

std::optional<problem> find_misfit(std::span<const variable_info* const> rows,
                                   const catalog_tensor& tensor, const catalog& source,
                                   row_role role, bool cast) {
  const variable_info& first = *rows.front();
  const std::string& name = rows.size() == 1 ? first.name : first.full_name;
  const auto misfit = [&](error_code code, const std::string& why) {
    return problem{.code = code,
                   .message = "variable " + name + " can not take tensor " + tensor.name + " of " +
                              source.path + ": " + why,
                   .variable = name,
                   .tensor = tensor.name};
  };
  if (!tensor.refusal.reason.empty()) return misfit(tensor.refusal.code, tensor.refusal.reason);
  const std::string different =
      both(type_misfit(first.type, tensor, cast),
           shape_misfit(role == row_role::whole ? first.own_shape() : first.full_shape, tensor));
  if (!different.empty()) return misfit(error_code::mismatch, different);
  if (const std::string hole = coverage_misfit(rows, tensor, role); !hole.empty()) {
    return misfit(error_code::mismatch, hole);
  }
  return std::nullopt;
}

}  // namespace warmstart

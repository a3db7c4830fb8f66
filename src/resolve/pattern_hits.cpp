#include "resolve/pattern_hits.hpp"

#include <algorithm>

namespace warmstart::detail {
namespace {

std::string tensor_of(const name_pattern& from, const name_pattern::match& how,
                      std::string_view variable) {
  std::string name = from.with(how.words) + std::string(variable.substr(how.length));
  if (name.ends_with('/')) name.pop_back();
  return name;
}

}  // namespace

std::vector<pattern_hit> find_pattern_hits(const variable_index& variables,
                                           const name_pattern& from, const name_pattern& to) {
  std::vector<pattern_hit> hits;
  for (const variable_index::named_rows& one : variables.variables_in("")) {
    // The scope of its own name also contains a partitioned variable.
    const std::string name = std::string(one.name) + (to.is_scope() && one.partitioned ? "/" : "");
    const auto matches = to.matches(name);
    if (matches && matches->empty()) continue;
    pattern_hit hit{.variable = one, .tensors = {}};
    if (matches) {
      for (const name_pattern::match& how : *matches) {
        hit.tensors.push_back(tensor_of(from, how, name));
      }
    }
    hits.push_back(std::move(hit));
  }
  return hits;
}

bool has_tensors_like(const catalog& source, const std::string& spelled) {
  const auto any = [](const auto& names, const name_pattern& pattern) {
    return std::any_of(names.begin(), names.end(), [&](const auto& one) {
      const auto matches = pattern.matches(one.name);
      return !matches || !matches->empty();
    });
  };
  const name_pattern pattern(spelled);
  std::string plain = spelled;
  std::replace(plain.begin(), plain.end(), '.', '/');
  return any(source.tensors, pattern) || any(source.aliases, pattern) ||
         any(source.plain_names, name_pattern(plain));
}

}  // namespace warmstart::detail

#pragma once

#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/variable_index.hpp"
#include "resolve/name_pattern.hpp"

namespace warmstart::detail {

/// A variable that matches the target of an entry, and the names of the tensors that the entry can
/// assign to it: one per way to match the name, in order. Empty if there are too many ways.
struct pattern_hit {
  variable_index::named_rows variable;
  std::vector<std::string> tensors;
};

/// Finds the variables that match `to`, with the tensor names that `from` produces. All words of
/// `from` occur in `to`. For scopes, the rest of the variable's name is appended to the tensor's
/// name.
[[nodiscard]] std::vector<pattern_hit> find_pattern_hits(const variable_index& variables,
                                                         const name_pattern& from,
                                                         const name_pattern& to);

/// Whether any name of any tensor matches a pattern.
[[nodiscard]] bool has_tensors_like(const catalog& source, const std::string& spelled);

}  // namespace warmstart::detail

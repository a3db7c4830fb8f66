#pragma once

#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/variable_index.hpp"
#include "resolve/name_pattern.hpp"

namespace warmstart::detail {

/// A variable that matches the target of an entry, and what tensors the entry can mean for it: one
/// for each way to read its name, first ones first. None: there are too many ways.
struct pattern_hit {
  variable_index::named_rows variable;
  std::vector<std::string> tensors;
};

/// Of `from`, which has no words that `to` does not have. In scopes, a variable's name goes on
/// behind what matches, and its tensor's likewise.
[[nodiscard]] std::vector<pattern_hit> find_pattern_hits(const variable_index& variables,
                                                         const name_pattern& from,
                                                         const name_pattern& to);

/// Whether some name of some tensor matches a pattern.
[[nodiscard]] bool has_tensors_like(const catalog& source, const std::string& spelled);

}  // namespace warmstart::detail

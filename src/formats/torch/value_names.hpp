#pragma once

#include <string>
#include <vector>

#include "formats/pickle/pickle.hpp"

namespace warmstart::detail {

/// A call that a pickle's containers lead to.
struct named_value {
  std::string name;
  pickle_node value = 0;
};

/// Names what nested dicts, lists and tuples hold by the keys and positions on the way, joined by
/// dots (specification 3.6). Keys that are neither texts nor integers lead nowhere, and neither
/// does a container within itself. `root_name`: for a pickle that is one call. Throws `unsupported`
/// where values that several refer to make far more names than the pickle has bytes.
[[nodiscard]] std::vector<named_value> name_calls(const pickle& in, const std::string& root_name,
                                                  const std::string& where);

}  // namespace warmstart::detail

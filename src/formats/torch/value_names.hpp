#pragma once

#include <string>
#include <vector>

#include "formats/pickle/pickle.hpp"

namespace warmstart::detail {

/// A call in a pickle's containers.
struct named_value {
  std::string name;
  pickle_node value = 0;
};

/// Lists the calls in nested dicts, lists and tuples. A call's name joins the keys and positions on
/// its path by dots (specification 3.6). Skips keys that are neither texts nor integers, and
/// containers within themselves. `root_name`: the name if the whole pickle is one call. Throws
/// `unsupported` if shared values lead to far more names than the pickle has bytes.
[[nodiscard]] std::vector<named_value> name_calls(const pickle& in, const std::string& root_name,
                                                  const std::string& where);

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_problem.hpp"

namespace warmstart::detail {

/// The tensors in the object graph of an object-based checkpoint (specification A5). Edges between
/// objects are not kept, because the keys contain the paths. Node numbers and keys are not checked:
/// they may refer to nothing. All text refers to the bytes that were parsed.
struct object_graph {
  /// A tensor that stores a part of an object.
  struct attribute {
    std::int64_t node = 0;
    std::string_view full_name;  ///< empty: not a variable
    std::string_view key;        ///< never empty
  };
  /// The variable of `node` is the optimizer's slot `name`, such as `m`, of the variable of node
  /// `variable`.
  struct slot {
    std::int64_t node = 0;
    std::int64_t variable = 0;
    std::string_view name;
  };

  std::vector<attribute> attributes;  ///< by node, each node's in stored order
  std::vector<slot> slots;
};

/// Takes time linear in the bytes. Throws `corrupt` for an invalid record; `where` begins the
/// message.
[[nodiscard]] object_graph parse_object_graph(std::string_view bytes, const file_place& where);

}  // namespace warmstart::detail

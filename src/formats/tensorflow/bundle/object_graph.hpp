#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// What the object graph of an object-based checkpoint (specification A5) says of tensors. How the
/// objects hang together is not kept: keys tell it. Node numbers and keys are as stored: they may
/// lead nowhere. All text refers to the bytes that were parsed.
struct object_graph {
  /// A tensor that an object is stored in.
  struct attribute {
    std::int64_t node = 0;
    std::string_view full_name;  ///< empty: no variable
    std::string_view key;        ///< never empty
  };
  /// "The variable of `node` is the slot `name` (`m`, `momentum`) of the one of `variable`."
  struct slot {
    std::int64_t node = 0;
    std::int64_t variable = 0;
    std::string_view name;
  };

  std::vector<attribute> attributes;  ///< in the order of nodes, of each in its order
  std::vector<slot> slots;
};

/// Linear in the bytes. Throws `corrupt` for what is no such record, with `where` at the front.
[[nodiscard]] object_graph parse_object_graph(std::string_view bytes, const std::string& where);

}  // namespace warmstart::detail

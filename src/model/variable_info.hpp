#pragma once

#include <cstdint>
#include <string>

#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// One row: a replica of a variable or of a part of one. The resolver's and planner's view of
/// variables; they refer to rows by their index in a list of `variable_info`.
struct variable_info {
  std::string name;            ///< key in the store: `scope/v`, or `scope/v/part_2`
  std::string full_name;       ///< `scope/v`
  std::uint32_t variable = 0;  ///< rows of the same (full) variable share this number
  std::uint32_t part = 0;      ///< index among the variable's parts
  std::uint32_t replica = 0;
  bool partitioned = false;  ///< `name` is the name of a part
  dtype type = dtype::invalid;
  warmstart::shape full_shape;  ///< shape of the full variable
  warmstart::slice slice;       ///< position of this part in it (explicit)
  device placed_on;

  [[nodiscard]] warmstart::shape shape() const { return slice.lengths(); }
  [[nodiscard]] std::int64_t size_bytes() const {
    return shape().element_count() * static_cast<std::int64_t>(size_of(type));
  }
};

}  // namespace warmstart::detail

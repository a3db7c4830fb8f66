#pragma once

#include <cstdint>
#include <string>

#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// One row: a variable, a part of a partitioned one, or a replica of either. What resolver and
/// planner know of variables; they name rows by their index in a list of these.
struct variable_info {
  std::string name;            ///< key in the store: `scope/v`, or `scope/v/part_2`
  std::string full_name;       ///< `scope/v`
  std::uint32_t variable = 0;  ///< rows of the same (full) variable share this number
  std::uint32_t part = 0;      ///< position among its parts
  std::uint32_t replica = 0;
  bool partitioned = false;  ///< `name` is a part's
  dtype type = dtype::invalid;
  shape full_shape;  ///< of the full variable
  slice where;       ///< this part within it (explicit)
  device placed_on;

  [[nodiscard]] shape own_shape() const { return where.lengths(); }
  [[nodiscard]] std::int64_t size_bytes() const {
    return own_shape().element_count() * static_cast<std::int64_t>(size_of(type));
  }
};

}  // namespace warmstart::detail

#pragma once

#include <optional>
#include <string_view>

#include "warmstart/dtype.hpp"

namespace warmstart::detail {

struct safetensors_type {
  dtype type = dtype::invalid;
  int bits = 0;  ///< per element; elements of less than 8 bits are packed
};

/// The type with a name that headers use (specification 1.1), or nothing.
[[nodiscard]] std::optional<safetensors_type> find_safetensors_type(std::string_view name);

}  // namespace warmstart::detail

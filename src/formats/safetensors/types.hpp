#pragma once

#include <optional>
#include <string_view>

#include "warmstart/dtype.hpp"

namespace warmstart::detail {

struct safetensors_type {
  dtype type = dtype::invalid;
  int bits = 0;  ///< of an element; types of less than a byte are packed
};

/// By the name in a header; nothing if there is none (specification 1.1).
[[nodiscard]] std::optional<safetensors_type> find_safetensors_type(std::string_view name);

}  // namespace warmstart::detail

#pragma once

#include <string_view>

#include "warmstart/dtype.hpp"

namespace warmstart::detail {

struct npy_type {
  dtype type = dtype::invalid;
  bool swapped = false;
  bool guessed = false;  ///< several types have this description
};

/// The type that a description such as `<f4` means (specification 4.2, 4.3). `invalid` if variables
/// cannot have it.
[[nodiscard]] npy_type find_npy_type(std::string_view description);
/// Whether a description is valid in NumPy, loadable or not: objects, strings, dates, ...
[[nodiscard]] bool is_npy_type(std::string_view description);

}  // namespace warmstart::detail

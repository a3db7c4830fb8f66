#pragma once

#include <string_view>

#include "warmstart/dtype.hpp"

namespace warmstart::detail {

struct npy_type {
  dtype type = dtype::invalid;
  bool swapped = false;
  bool guessed = false;  ///< NumPy does not tell types of that size apart
};

/// What NumPy's description of elements means (specification 4.2, 4.3): `<f4`. `invalid` if it is
/// none that variables can have.
[[nodiscard]] npy_type find_npy_type(std::string_view description);
/// Whether NumPy has elements of that description, loadable or not: objects, texts, dates, ...
[[nodiscard]] bool is_npy_type(std::string_view description);

}  // namespace warmstart::detail

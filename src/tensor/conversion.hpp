#pragma once

#include "warmstart/dtype.hpp"

namespace warmstart::detail {

/// Conversion of elements: swaps bytes, then conjugates and negates, then casts.
struct conversion {
  dtype from = dtype::invalid;
  dtype to = dtype::invalid;
  bool swapped = false;     ///< elements are stored in the other byte order
  bool conjugated = false;  ///< for complex numbers: the conjugate is stored
  bool negated = false;     ///< for types that `can_negate`: the negation is stored

  [[nodiscard]] bool changes_sign() const noexcept { return conjugated || negated; }
  /// True if the bytes do not change.
  [[nodiscard]] bool plain() const noexcept {
    return from == to && (!swapped || swap_unit(from) <= 1) && !changes_sign();
  }
  friend bool operator==(const conversion&, const conversion&) = default;
};

}  // namespace warmstart::detail

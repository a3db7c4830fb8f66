#pragma once

#include "warmstart/dtype.hpp"

namespace warmstart::detail {

/// What happens to an element on its way: first its bytes are swapped, then it is conjugated and
/// negated, and then it is cast.
struct conversion {
  dtype from = dtype::invalid;
  dtype to = dtype::invalid;
  bool swapped = false;     ///< stored in the other byte order
  bool conjugated = false;  ///< of complex numbers: what is stored is the conjugate
  bool negated = false;     ///< of types for which `can_negate`: what is stored is the negation

  [[nodiscard]] bool changes_sign() const noexcept { return conjugated || negated; }
  /// True if the bytes stay as they are.
  [[nodiscard]] bool plain() const noexcept {
    return from == to && (!swapped || swap_unit(from) <= 1) && !changes_sign();
  }
  friend bool operator==(const conversion&, const conversion&) = default;
};

}  // namespace warmstart::detail

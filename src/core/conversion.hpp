#pragma once

#include "warmstart/dtype.hpp"

namespace warmstart {

/// What happens to an element on its way: first its bytes are swapped, then it is cast.
struct conversion {
  dtype from = dtype::invalid;
  dtype to = dtype::invalid;
  bool swapped = false;  ///< stored in the other byte order

  /// True if the bytes stay as they are.
  [[nodiscard]] bool plain() const noexcept {
    return from == to && (!swapped || swap_unit(from) <= 1);
  }
  friend bool operator==(const conversion&, const conversion&) = default;
};

}  // namespace warmstart

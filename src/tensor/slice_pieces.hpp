#pragma once

#include <cstdint>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// An explicit slice cut into slices of about the same size, none of more than `most_elements`
/// (>= 1). Only numbers are kept: a slice may have any number of pieces.
class slice_pieces {
 public:
  slice_pieces(slice whole, std::int64_t most_elements);

  /// None if the slice is empty.
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  /// In row-major order. A piece is contiguous wherever the slice is.
  [[nodiscard]] slice operator[](std::int64_t number) const;

 private:
  slice whole_;
  int dimension_ = 0;       ///< the one that is cut; those before it go index by index
  std::int64_t parts_ = 1;  ///< of that dimension
  std::int64_t count_ = 0;
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// Cuts an explicit slice into slices of about equal size, with at most `most_elements` (>= 1)
/// elements each. Computes pieces on demand, so their number is not limited by memory.
class slice_pieces {
 public:
  slice_pieces(slice whole, std::int64_t most_elements);

  /// Number of pieces; 0 if the slice is empty.
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  /// Piece `number`, in row-major order. If the slice is contiguous, so is the piece.
  [[nodiscard]] slice operator[](std::int64_t number) const;

 private:
  slice whole_;
  int dimension_ = 0;  ///< the dimension that is cut; earlier ones are split into single indices
  std::int64_t parts_ = 1;  ///< number of parts of that dimension
  std::int64_t count_ = 0;
};

}  // namespace warmstart::detail

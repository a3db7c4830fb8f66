#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/catalog.hpp"
#include "tensor/box.hpp"
#include "tensor/index_remap.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// What an entry of an assignment map says is to be done with a tensor, in this order.
struct view_steps {
  std::vector<slice_extent> part;  ///< one per dimension, a length of -1: to the end; none: all
  std::optional<std::vector<std::int64_t>> reshaped;  ///< one may be -1
  std::vector<int>
      order;  ///< dimension i of the result is the one that `order[i]` was; none: as is
  std::array<std::shared_ptr<const index_remap>, 2> remaps;  ///< of dimensions 0 and 1; or null

  [[nodiscard]] bool none() const noexcept {
    return part.empty() && !reshaped && order.empty() && !remaps[0] && !remaps[1];
  }
};

/// A tensor as an entry lets variables see it:
///
///     tensor ──slice──► ──reshape──► ──transpose──► ──remaps──► what has the variable's shape
///
/// Says which stored elements go where; no element is touched, and none is copied twice on its way.
class view {
 public:
  /// Throws `mismatch` if the steps do not fit the tensor's shape, and `invalid_argument` for steps
  /// that fit none. Remapped dimensions become as long as the variable's.
  view(view_steps steps, const shape& tensor, const shape& variable);

  [[nodiscard]] const shape& result() const noexcept { return result_; }
  /// Elements keep the order that they have in the tensor, and all are used at most once.
  [[nodiscard]] bool in_order() const noexcept;
  /// Some elements are used more than once.
  [[nodiscard]] bool repeats() const noexcept;

  /// Appends the boxes that go from the piece's extent to a dense array that holds slice `wanted`
  /// (explicit) of the result: one for each run of consecutive indices where dimensions are
  /// remapped, and several where a reshape leaves the piece in no regular pattern.
  void append_boxes(const stored_piece& piece, const slice& wanted, std::vector<box>& into) const;
  /// Appends the parts of `wanted` that no element of the tensor goes to, each once.
  void append_gaps(const slice& wanted, std::vector<slice>& into) const;

 private:
  view_steps steps_;  ///< `part` explicit, `reshaped` without -1, `order` as a permutation
  shape sliced_;
  shape reshaped_;
  shape result_;
};

/// The same for a tensor that is taken as it is, where `through` is null.
void append_boxes(const view* through, const stored_piece& piece, const slice& wanted,
                  std::vector<box>& into);

/// Distances between a piece's elements in its extent, one per dimension. 0 where it has one index:
/// that of the extent means nothing.
[[nodiscard]] std::vector<std::int64_t> strides_of(const stored_piece& piece);

/// True if the piece's elements lie in its extent densely, in row-major order, from its start on.
[[nodiscard]] bool lies_in_order(const stored_piece& piece);
/// True if elements of the piece share memory.
[[nodiscard]] bool shares_elements(const stored_piece& piece);

}  // namespace warmstart::detail

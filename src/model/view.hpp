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

/// The steps that an entry of an assignment map applies to a tensor, in this order.
struct view_steps {
  std::vector<slice_extent> part;  ///< one per dimension, length -1 means to the end; empty: all
  std::optional<std::vector<std::int64_t>> reshaped;  ///< one size may be -1
  std::vector<int>
      order;  ///< dimension i of the result is input dimension `order[i]`; empty: unchanged
  std::array<std::shared_ptr<const index_remap>, 2> remaps;  ///< of dimensions 0 and 1; null: none

  [[nodiscard]] bool none() const noexcept {
    return part.empty() && !reshaped && order.empty() && !remaps[0] && !remaps[1];
  }
};

/// A tensor as seen through the steps of an entry:
///
///     tensor ──slice──► ──reshape──► ──transpose──► ──remaps──► result with the variable's shape
///
/// Computes the destination of each stored element. Applying a view costs no extra copy.
class view {
 public:
  /// Throws `mismatch` if the steps do not fit the tensor's shape, and `invalid_argument` if they
  /// fit no shape. Remapped dimensions become as long as the variable's.
  view(view_steps steps, const shape& tensor, const shape& variable);

  [[nodiscard]] const shape& result() const noexcept { return result_; }
  /// Whether elements keep their order in the tensor and none is used more than once.
  [[nodiscard]] bool in_order() const noexcept;
  /// Whether some elements are used more than once.
  [[nodiscard]] bool repeats() const noexcept;

  /// Appends the copies from the piece's extent to a dense array that holds slice `wanted`
  /// (explicit) of the result: one box per run of consecutive indices in remapped dimensions, and
  /// several boxes if a reshape makes the pattern irregular.
  void append_boxes(const stored_piece& piece, const slice& wanted, std::vector<box>& into) const;
  /// Appends the parts of `wanted` to which no element of the tensor is mapped, each once.
  void append_gaps(const slice& wanted, std::vector<slice>& into) const;

 private:
  view_steps steps_;  ///< `part` explicit, `reshaped` without -1, `order` as a permutation
  shape sliced_;
  shape reshaped_;
  shape result_;
};

/// The same; a null `through` means the tensor without a view.
void append_boxes(const view* through, const stored_piece& piece, const slice& wanted,
                  std::vector<box>& into);

/// Strides between a piece's elements in its extent, one per dimension; 0 in dimensions with a
/// single index, whose stored stride has no meaning.
[[nodiscard]] std::vector<std::int64_t> strides_of(const stored_piece& piece);

/// True if the piece's elements are dense and in row-major order from the start of its extent.
[[nodiscard]] bool lies_in_order(const stored_piece& piece);
/// True if several elements of the piece share the same stored bytes.
[[nodiscard]] bool shares_elements(const stored_piece& piece);

}  // namespace warmstart::detail

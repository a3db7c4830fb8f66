#include "tensor/slice_pieces.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace warmstart::detail {

slice_pieces::slice_pieces(slice whole, std::int64_t most_elements) : whole_(std::move(whole)) {
  const std::int64_t elements = whole_.lengths().element_count();
  if (elements == 0) return;
  count_ = 1;
  if (elements <= most_elements) return;
  std::int64_t inner = 1;
  dimension_ = whole_.rank() - 1;
  while (inner * whole_[dimension_].length <= most_elements) {
    inner *= whole_[dimension_--].length;
  }
  const std::int64_t most_indices = most_elements / inner;
  const std::int64_t length = whole_[dimension_].length;
  parts_ = (length - 1) / most_indices + 1;
  count_ = elements / inner / length * parts_;
}

slice slice_pieces::operator[](std::int64_t number) const {
  if (count_ == 1) return whole_;
  std::vector<slice_extent> extents = whole_.extents();
  const std::int64_t part = number % parts_;
  std::int64_t outer = number / parts_;
  slice_extent& cut = extents[static_cast<std::size_t>(dimension_)];
  const std::int64_t share = cut.length / parts_;
  const std::int64_t longer = cut.length % parts_;  // number of parts with one more index
  cut.start += part * share + std::min(part, longer);
  cut.length = share + (part < longer ? 1 : 0);
  for (int d = dimension_ - 1; d >= 0; --d) {
    slice_extent& one = extents[static_cast<std::size_t>(d)];
    const std::int64_t length = std::exchange(one.length, 1);
    one.start += outer % length;
    outer /= length;
  }
  return slice(std::move(extents));
}

}  // namespace warmstart::detail

#include "formats/common/decoded_layout.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "base/units.hpp"

namespace warmstart::detail {
namespace {

// Larger than the gap that one read may span, and a multiple of the alignment of direct reads.
constexpr std::int64_t SPACING_BYTES = 16 * mebibyte;

}  // namespace

std::int64_t decoded_layout::add(std::int64_t size_bytes) {
  const auto after = checked_add(size_bytes, 2 * SPACING_BYTES);
  const auto end = after ? checked_add(end_, *after) : std::nullopt;
  if (!end) return -1;
  begins_.push_back(end_);
  end_ = *end / SPACING_BYTES * SPACING_BYTES;
  return begins_.back();
}

decoded_layout::place decoded_layout::find(std::int64_t offset_bytes) const {
  const auto next = std::upper_bound(begins_.begin(), begins_.end(), offset_bytes);
  const auto part = static_cast<std::size_t>(next - begins_.begin()) - 1;
  return {.part = part, .offset_bytes = offset_bytes - begins_[part]};
}

}  // namespace warmstart::detail

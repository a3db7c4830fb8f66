#include "core/catalog.hpp"

#include <algorithm>

namespace warmstart {

const catalog_tensor* catalog::find(std::string_view name) const noexcept {
  const auto found = std::lower_bound(
      tensors.begin(), tensors.end(), name,
      [](const catalog_tensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
  return found != tensors.end() && found->name == name ? &*found : nullptr;
}

std::int64_t missing_elements(const catalog_tensor& tensor, const slice& wanted) {
  std::int64_t missing = wanted.lengths().element_count();
  if (missing == 0) return 0;
  for (const stored_piece& piece : tensor.pieces) {
    if (const auto common = intersection(piece.where, wanted)) {
      missing -= common->lengths().element_count();
    }
  }
  return missing;
}

}  // namespace warmstart

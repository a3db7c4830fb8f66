#include "core/catalog.hpp"

#include <algorithm>

namespace warmstart {
namespace {

// The first that is not before `name`, or null.
template <class Named>
const Named* not_before(const std::vector<Named>& sorted, std::string_view name) noexcept {
  const auto found =
      std::lower_bound(sorted.begin(), sorted.end(), name,
                       [](const Named& one, std::string_view wanted) { return one.name < wanted; });
  return found != sorted.end() ? &*found : nullptr;
}

template <class Named>
const Named* find_in(const std::vector<Named>& sorted, std::string_view name) noexcept {
  const Named* found = not_before(sorted, name);
  return found != nullptr && found->name == name ? found : nullptr;
}

}  // namespace

const catalog_tensor* catalog::find(std::string_view name) const noexcept {
  if (const catalog_tensor* own = find_in(tensors, name)) return own;
  const tensor_alias* other = find_in(aliases, name);
  return other != nullptr ? &tensors[other->tensor] : nullptr;
}

const tensor_alias* catalog::find_alias(std::string_view name) const noexcept {
  return find_in(tensors, name) == nullptr ? find_in(aliases, name) : nullptr;
}

const catalog_slot* catalog::find_slot(const catalog_tensor& tensor) const noexcept {
  const auto found = std::lower_bound(
      slots.begin(), slots.end(), index_of(tensor),
      [](const catalog_slot& one, std::uint32_t wanted) { return one.tensor < wanted; });
  return found != slots.end() && found->tensor == index_of(tensor) ? &*found : nullptr;
}

bool catalog::has_names_in(std::string_view prefix) const noexcept {
  const catalog_tensor* own = not_before(tensors, prefix);
  const tensor_alias* other = not_before(aliases, prefix);
  return (own != nullptr && own->name.starts_with(prefix)) ||
         (other != nullptr && other->name.starts_with(prefix));
}

std::int64_t missing_elements(const catalog_tensor& tensor, const slice& wanted) {
  if (tensor.pieces.size() == 1 && tensor.pieces.front().where == wanted) return 0;
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

#include "model/catalog.hpp"

#include <algorithm>

namespace warmstart::detail {
namespace {

// The first element whose name is not less than `name`, or null.
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

std::string plain(std::string_view name) {
  std::string made(name);
  std::replace(made.begin(), made.end(), '.', '/');
  return made;
}

}  // namespace

bool is_readable(const catalog_tensor& tensor) noexcept {
  if (size_of(tensor.type) == 0) return false;
  // A tensor stored in one piece can only be refused because of its elements.
  return tensor.refusal.reason.empty() ||
         (tensor.refusal.code == error_code::unsupported && tensor.pieces.size() == 1);
}

const catalog_tensor* catalog::find(std::string_view name) const noexcept {
  if (const catalog_tensor* own = find_in(tensors, name)) return own;
  if (const tensor_alias* other = find_in(aliases, name)) return &tensors[other->tensor];
  if (plain_names.empty()) return nullptr;
  const tensor_alias* similar = find_in(plain_names, plain(name));
  return similar != nullptr && similar->ambiguous_with == 0 ? &tensors[similar->tensor] : nullptr;
}

std::vector<std::string> catalog::find_rivals(std::string_view name) const {
  std::vector<std::string> rivals;
  if (plain_names.empty() || find(name) != nullptr) return rivals;
  const std::string wanted = plain(name);
  if (find_in(plain_names, wanted) == nullptr) return rivals;
  for (const catalog_tensor& one : tensors) {
    if (plain(one.name) == wanted) rivals.push_back(one.name);
  }
  for (const tensor_alias& one : aliases) {
    if (plain(one.name) == wanted) rivals.push_back(one.name);
  }
  return rivals;
}

void catalog::allow_dots_as_slashes() {
  plain_names.clear();
  for (const catalog_tensor& one : tensors) {
    plain_names.push_back({.name = plain(one.name), .tensor = index_of(one)});
  }
  for (const tensor_alias& one : aliases) {
    plain_names.push_back({.name = plain(one.name), .tensor = one.tensor});
  }
  std::stable_sort(plain_names.begin(), plain_names.end(),
                   [](const tensor_alias& a, const tensor_alias& b) { return a.name < b.name; });
  std::vector<tensor_alias> once;
  for (tensor_alias& one : plain_names) {
    if (once.empty() || once.back().name != one.name) {
      once.push_back(std::move(one));
    } else if (once.back().tensor != one.tensor) {
      ++once.back().ambiguous_with;
    }
  }
  plain_names = std::move(once);
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
  if (own != nullptr && own->name.starts_with(prefix)) return true;
  if (other != nullptr && other->name.starts_with(prefix)) return true;
  const std::string similar = plain(prefix);
  const tensor_alias* last = not_before(plain_names, similar);
  return last != nullptr && last->name.starts_with(similar);
}

std::int64_t missing_elements(const catalog_tensor& tensor, const slice& wanted) {
  if (tensor.pieces.size() == 1 && tensor.pieces.front().slice == wanted) return 0;
  std::int64_t missing = wanted.lengths().element_count();
  if (missing == 0) return 0;
  for (const stored_piece& piece : tensor.pieces) {
    if (const auto common = intersection(piece.slice, wanted)) {
      missing -= common->lengths().element_count();
    }
  }
  return missing;
}

}  // namespace warmstart::detail

#include "load/tensor_info.hpp"

#include <algorithm>
#include <string>

#include "base/checked.hpp"

namespace warmstart::detail {

std::int64_t unstored_elements(const catalog_tensor& tensor) {
  // `mismatch` only says that the elements are not numbers; their slices are valid.
  const bool damaged =
      !tensor.refusal.reason.empty() && tensor.refusal.code != error_code::mismatch;
  return damaged ? 0 : missing_elements(tensor, slice::all_of(tensor.full_shape));
}

tensor_info describe_tensor(const catalog& in, const catalog_tensor& tensor) {
  tensor_info info{.name = tensor.name,
                   .type = tensor.type,
                   .full_shape = tensor.full_shape,
                   .size_bytes = 0,
                   .slices = {},
                   .missing_elements = 0,
                   .files = {},
                   .refusal = tensor.refusal.reason,
                   .full_name = tensor.full_name,
                   .shadowed_by = {},
                   .slot = {}};
  for (const stored_piece& piece : tensor.pieces) {
    const extent& stored = in.extents[piece.extent];
    info.size_bytes = saturating_add(info.size_bytes, stored.size_bytes);
    const std::string& file = in.files[stored.file].path;
    if (std::find(info.files.begin(), info.files.end(), file) == info.files.end()) {
      info.files.push_back(file);
    }
    if (tensor.pieces.size() > 1 || !piece.slice.covers(tensor.full_shape)) {
      info.slices.push_back(piece.slice);
    }
  }
  info.missing_elements = unstored_elements(tensor);
  if (!tensor.full_name.empty()) {
    const catalog_tensor* meant = in.find(tensor.full_name);
    if (meant != nullptr && meant != &tensor) info.shadowed_by = meant->name;
  }
  if (const catalog_slot* slot = in.find_slot(tensor)) {
    const catalog_tensor& variable = in.tensors[slot->variable];
    info.slot = {.name = slot->name,
                 .variable = variable.full_name.empty() ? variable.name : variable.full_name,
                 .optimizer = slot->optimizer};
  }
  return info;
}

}  // namespace warmstart::detail

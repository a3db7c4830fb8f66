#include "formats/torch/torch_catalog.hpp"

#include <fmt/format.h>

#include <utility>

#include "formats/common/tensor_refusals.hpp"
#include "formats/torch/value_names.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

torch_catalog::torch_catalog(catalog& into, const pickle& values, std::string path, bool big_endian,
                             storage_finder find)
    : into_(into),
      values_(values),
      path_(std::move(path)),
      big_endian_(big_endian),
      find_(std::move(find)) {
  for (const pickle_value& one : values_.values) {
    if (one.is == pickle_kind::persistent) (void)read_torch_storage(values_, one, path_);
  }
}

void torch_catalog::add_tensors(const std::function<bool(const std::string&)>& wanted) {
  std::map<std::string, std::size_t> known;  // indexes in the catalog
  for (const named_value& one : name_calls(values_, stem_of(path_), path_)) {
    if (!wanted(one.name)) continue;
    const auto [before, fresh] = known.try_emplace(one.name, into_.tensors.size());
    if (fresh) {
      into_.tensors.push_back(read(one.name, values_[one.value]));
    } else {
      // {"a": {"b": ..}, "a.b": ..} has two tensors called a.b.
      into_.tensors[before->second].refusal = {
          .code = error_code::unsupported,
          .reason = fmt::format("{}: there are several tensors {}", path_, in_quotes(one.name))};
    }
  }
}

// A damaged tensor leaves the others usable.
catalog_tensor torch_catalog::read(const std::string& name, const pickle_value& call) {
  catalog_tensor made{.name = name, .full_shape = {}};
  try {
    const torch_tensor tensor = read_torch_tensor(values_, call, path_);
    made.type = tensor.type;
    made.type_number = static_cast<std::int64_t>(tensor.type);
    made.full_shape = tensor.shape;
    made.swapped = big_endian_;
    if (big_endian_ && !tensor.storage.typed && swap_unit(tensor.type) > 1) {
      refuse(made,
             fmt::format("{}: the byte order of {} elements in a storage of bytes is not "
                         "known",
                         path_, name_of(tensor.type)),
             error_code::unsupported);
    }
    made.conjugated = tensor.conjugated;
    made.negated = tensor.negated;
    if (tensor.shape.element_count() == 0) return made;
    made.pieces.push_back(
        make_torch_piece(tensor, slice::all_of(tensor.shape), extent_of(tensor.storage)));
  } catch (const error& bad) {
    if (bad.code() != error_code::corrupt && bad.code() != error_code::unsupported) throw;
    refuse(made, bad.what(), bad.code());
  }
  return made;
}

std::uint32_t torch_catalog::extent_of(const torch_storage& storage) {
  // Look it up each time: `find_` compares this tensor's description of the storage with the file.
  const extent found = find_(storage);
  const auto [known, fresh] =
      extents_.try_emplace(storage.key, static_cast<std::uint32_t>(into_.extents.size()));
  if (fresh) into_.extents.push_back(found);
  return known->second;
}

std::string stem_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

}  // namespace warmstart::detail

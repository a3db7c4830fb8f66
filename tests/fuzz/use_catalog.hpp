#pragma once

#include <string>
#include <vector>

#include "base/checked.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "fuzz/targets.hpp"
#include "model/assignment.hpp"
#include "model/open_file.hpp"
#include "model/variable_info.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart::detail::test {

inline plan_options reading() {
  plan_options options;
  options.expectations = false;
  return options;
}

inline void decode(const file_system& files, const catalog_file& in, const extent& stored) {
  std::vector<std::byte> elements(static_cast<std::size_t>(stored.size_bytes));
  accepts(in.path,
          [&] { open_file(files, in, read_mode::buffered)->read(stored.offset_bytes, elements); });
}

/// Plans to load all of a tensor that can be loaded.
inline void plan_load(const file_system& files, const catalog& source,
                      const catalog_tensor& tensor) {
  for (const stored_piece& piece : tensor.pieces) {
    const extent& stored = source.extents[piece.extent];
    const catalog_file& in = source.files[stored.file];
    if (in.decoded_by) {
      decode(files, in, stored);
      continue;
    }
    const auto end = checked_add(stored.offset_bytes, stored.size_bytes);
    require(end && *end <= in.identity.size_bytes, "an extent leaves its file");
  }
  const slice whole = slice::all_of(tensor.full_shape);
  if (missing_elements(tensor, whole) != 0) return;
  variable_info row;
  row.name = tensor.name;
  row.type = tensor.type;
  row.full_shape = tensor.full_shape;
  row.slice = whole;
  const assignment all{
      .row = 0, .checkpoint = 0, .tensor = source.index_of(tensor), .wanted = whole};
  const catalog* const catalogs[] = {&source};
  accepts("", [&] {
    (void)make_transfer_plan(std::span(&row, 1), std::span(&all, 1), catalogs, reading());
  });
}

/// A name means one tensor, whatever a file says of names.
inline void check_names(const catalog& source) {
  const auto is_tensor = [&](std::uint32_t number) { return number < source.tensors.size(); };
  const std::string* last = nullptr;
  for (const tensor_alias& alias : source.aliases) {
    require(is_tensor(alias.tensor), "a further name leads out of the tensors");
    require(last == nullptr || *last < alias.name, "further names are out of order");
    require(source.find_alias(alias.name) == &alias, "a further name is a tensor's own");
    require(source.has_names_in(alias.name), "a further name is in no scope");
    last = &alias.name;
  }
  for (const catalog_slot& slot : source.slots) {
    require(is_tensor(slot.tensor) && is_tensor(slot.variable), "a slot leads out of the tensors");
    require(source.find_slot(source.tensors[slot.tensor]) == &slot, "a tensor is two slots");
  }
}

/// Does with a catalog, however odd, what programs do with theirs.
inline void use_catalog(const file_system& files, const catalog& source) {
  check_names(source);
  for (const catalog_tensor& tensor : source.tensors) {
    require(source.find(tensor.name) == &tensor, "a tensor is not found by its name");
    if (size_of(tensor.type) == 0) {
      accepts("", [&] { check_encoded(files, source, tensor); });
      accepts("", [&] { (void)read_strings(files, source, tensor); });
    } else if (tensor.refusal.reason.empty()) {
      plan_load(files, source, tensor);
    }
  }
  accepts("", [&] { (void)make_check_plan(source, reading()); });
}

}  // namespace warmstart::detail::test

#include "formats/tensorflow/bundle/bundle_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/checked.hpp"
#include "base/file_problem.hpp"
#include "checksum/crc32c.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/tensorflow/bundle/bundle_index.hpp"
#include "formats/tensorflow/bundle/object_names.hpp"
#include "formats/tensorflow/shared/slice_key.hpp"

namespace warmstart::detail {
namespace {

/// Builds the catalog of a bundle from its index.
class bundle_reader {
 public:
  bundle_reader(const file_system& files, const std::string& prefix)
      : files_(files), prefix_(prefix), index_path_(prefix + ".index") {
    made_.format = "tensor_bundle";
    made_.path = prefix;
  }

  catalog read() {
    const auto file = files_.open(index_path_, read_mode::buffered);
    made_.metadata.push_back({.path = index_path_, .identity = file->identity()});
    index_ = read_bundle_index(*file);
    // Keys are sorted, so tensors are sorted as well. Keys of slices begin with a zero byte.
    for (auto& [name, entry] : index_.tensors) made_.tensors.push_back(make_tensor(name, entry));
    refuse_orphans();
    return std::move(made_);
  }

 private:
  // A slice without a tensor means that the index has lost a tensor or its list of slices.
  void refuse_orphans() const {
    for (const auto& [key, entry] : index_.slices) {
      if (entry.listed) continue;
      const slice_key orphan = *decode_slice_key(key);
      throw error(file_difference(
          error_code::corrupt, {index_path_}, "key " + in_quotes(key),
          {.expected = fmt::format("tensor {} to list its slice {}", in_quotes(orphan.tensor),
                                   to_string(orphan.slice)),
           .found = made_.find(orphan.tensor) == nullptr ? "no such tensor" : "no entry"},
          orphan.tensor));
    }
  }

  catalog_tensor make_tensor(std::string& name, bundle_entry& entry) {
    catalog_tensor tensor;
    tensor.type = dtype_from_number(entry.type_number).value_or(dtype::invalid);
    tensor.type_number = entry.type_number;
    tensor.swapped = index_.header.big_endian;
    tensor.full_shape = entry.full_shape;
    tensor.name = std::move(name);
    if (entry.slices.empty()) {
      add_piece(tensor, slice::all_of(tensor.full_shape), entry);
    } else {
      add_slices(tensor, entry.slices);
    }
    refuse_type(tensor, index_path_);
    return tensor;
  }

  void add_slices(catalog_tensor& tensor, const std::vector<slice>& slices) {
    std::vector<slice> boxes;
    for (const slice& spelled : slices) {
      const auto found = index_.slices.find(encode_slice_key(tensor.name, spelled));
      if (found == index_.slices.end()) {
        refuse(tensor, fmt::format("{}: slice {} of tensor {} is listed, but has no entry",
                                   index_path_, to_string(spelled), in_quotes(tensor.name)));
        continue;
      }
      found->second.listed = true;
      const bundle_entry& stored = found->second.stored;
      boxes.push_back(spelled.within(tensor.full_shape));
      if (!stored.slices.empty()) {
        refuse(tensor,
               fmt::format("{}: slice {} of tensor {}: expected its place in a file, found a "
                           "list of slices",
                           index_path_, to_string(spelled), in_quotes(tensor.name)));
        continue;
      }
      if (stored.type_number != tensor.type_number || stored.full_shape != boxes.back().lengths()) {
        refuse(tensor,
               fmt::format(
                   "{}: slice {} of tensor {}: expected dtype {} and shape {}, found {} and {}",
                   index_path_, to_string(spelled), in_quotes(tensor.name), tensor.type_number,
                   to_string(boxes.back().lengths()), stored.type_number,
                   to_string(stored.full_shape)));
        continue;
      }
      add_piece(tensor, boxes.back(), stored);
    }
    refuse_overlaps(tensor, boxes, index_path_);
  }

  void add_piece(catalog_tensor& tensor, slice where, const bundle_entry& entry) {
    const bool fixed_size = size_of(tensor.type) != 0;
    const std::int64_t elements = entry.full_shape.element_count();
    if (fixed_size) {
      const auto expected =
          checked_multiply(elements, static_cast<std::int64_t>(size_of(tensor.type)));
      if (expected != entry.size_bytes) {
        refuse(tensor,
               fmt::format("{}: size of tensor {}: expected {} bytes for {} {}, found {}",
                           index_path_, in_quotes(tensor.name),
                           expected ? fmt::to_string(*expected) : "more than 2^63",
                           name_of(tensor.type), to_string(entry.full_shape), entry.size_bytes));
        return;
      }
      if (elements == 0) {
        refuse_checksum_of_nothing(tensor, entry.crc32c);
        return;
      }
    }
    const std::uint32_t file = file_of(entry.shard);
    const catalog_file& data = made_.files[file];
    if (!data.identity.exists()) {
      refuse(tensor,
             fmt::format("{}: no such file; it should hold tensor {}", data.path,
                         in_quotes(tensor.name)),
             error_code::not_found);
    } else if (entry.offset_bytes + entry.size_bytes > data.identity.size_bytes) {
      refuse(tensor, fmt::format("{}: the file ends too early: expected {} bytes of tensor {} at "
                                 "offset {}, found a file of {}",
                                 data.path, entry.size_bytes, in_quotes(tensor.name),
                                 entry.offset_bytes, data.identity.size_bytes));
    }
    tensor.pieces.push_back(
        {.slice = std::move(where), .extent = static_cast<std::uint32_t>(made_.extents.size())});
    made_.extents.push_back(
        {.file = file,
         .offset_bytes = entry.offset_bytes,
         .size_bytes = entry.size_bytes,
         .checksum = {.kind = fixed_size ? checksum_kind::crc32c : checksum_kind::of_elements,
                      .value = entry.crc32c}});
  }

  // The tensor has no bytes to read, but TensorFlow still compares its checksum.
  void refuse_checksum_of_nothing(catalog_tensor& tensor, std::uint32_t stored) const {
    if (stored == crc32c({})) return;
    refuse(tensor, fmt::format("{}: checksum of tensor {}, which has no elements, does not match: "
                               "expected crc32c {:#010x}, found {:#010x}",
                               index_path_, in_quotes(tensor.name), stored, crc32c({})));
  }

  std::uint32_t file_of(std::int32_t shard) {
    const auto [known, fresh] =
        file_numbers_.try_emplace(shard, static_cast<std::uint32_t>(made_.files.size()));
    if (fresh) {
      std::string path = bundle_data_path(prefix_, shard, index_.header.shard_count);
      const file_identity identity = files_.identify(path);
      made_.files.push_back({.path = std::move(path), .identity = identity});
    }
    return known->second;
  }

  const file_system& files_;
  const std::string& prefix_;
  std::string index_path_;
  catalog made_;
  bundle_index index_;
  std::map<std::int32_t, std::uint32_t> file_numbers_;
};

}  // namespace

std::string bundle_data_path(const std::string& prefix, std::int32_t shard,
                             std::int32_t shard_count) {
  return fmt::format("{}.data-{:05}-of-{:05}", prefix, shard, shard_count);
}

catalog read_bundle(const file_system& files, const std::string& prefix) {
  catalog made = bundle_reader(files, prefix).read();
  add_object_names(files, made);
  return made;
}

}  // namespace warmstart::detail

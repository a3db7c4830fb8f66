#include "formats/safetensors/sharded_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/checked.hpp"
#include "base/file_problem.hpp"
#include "base/strict_json.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/safetensors/file_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr auto SHARDING_INFO = "DCP_SHARDING_INFO";

/// Joins the slices in several files to whole tensors.
class sharded_reader {
 public:
  sharded_reader(const file_system& files, const std::string& directory)
      : files_(files), directory_(directory) {
    made_.format = "safetensors";
    made_.path = directory;
  }

  void add_file(const std::string& path) {
    safetensors_file_reader reader(files_, path, made_);
    const auto info = reader.metadata().find(SHARDING_INFO);
    if (info == reader.metadata().end()) {
      throw error(
          file_problem(error_code::not_found, {directory_},
                       fmt::format("expected one safetensors file or the slices of one checkpoint, "
                                   "found several files; {} has no {}",
                                   path, SHARDING_INFO)));
    }
    const nlohmann::json offsets = parse_strict_json(
        info->second, fmt::format("{}: {}", path, SHARDING_INFO), error_code::corrupt);
    reader.add_tensors([](const std::string&) { return true; });
    for (catalog_tensor& one : made_.tensors) add_slice(path, std::move(one), offsets);
    made_.tensors.clear();
  }

  catalog finish() {
    made_.metadata = made_.files;
    for (auto& [name, tensor] : tensors_) {
      check(tensor);
      made_.tensors.push_back(std::move(tensor));
    }
    return std::move(made_);
  }

 private:
  [[noreturn]] void refuse(const std::string& where, const std::string& name,
                           const std::string& why) const {
    throw error(file_problem(error_code::corrupt, {where},
                             fmt::format("tensor {}: {}", in_quotes(name), why), name));
  }

  void add_slice(const std::string& path, catalog_tensor slice_of, const nlohmann::json& offsets) {
    const std::vector<std::int64_t> begin = offsets_of(path, slice_of, offsets);
    const auto [known, fresh] = tensors_.try_emplace(slice_of.name, slice_of);
    catalog_tensor& whole = known->second;
    if (fresh) {
      whole.pieces.clear();
    } else if (whole.type != slice_of.type ||
               whole.full_shape.rank() != slice_of.full_shape.rank()) {
      refuse(path, slice_of.name,
             fmt::format("expected a slice of {} of rank {}, found {}{}", name_of(whole.type),
                         whole.full_shape.rank(), name_of(slice_of.type),
                         to_string(slice_of.full_shape)));
    }
    std::vector<std::int64_t> sizes;
    std::vector<slice_extent> where;
    for (int d = 0; d < slice_of.full_shape.rank(); ++d) {
      const auto at = static_cast<std::size_t>(d);
      const auto end = checked_add(begin[at], slice_of.full_shape[d]);
      if (!end) refuse(path, slice_of.name, "its slice ends beyond 2^63");
      sizes.push_back(fresh ? *end : std::max(whole.full_shape[d], *end));
      where.push_back({.start = begin[at], .length = slice_of.full_shape[d]});
    }
    whole.full_shape = checked_shape(path, slice_of, sizes);
    for (const stored_piece& piece : slice_of.pieces) {
      whole.pieces.push_back({.slice = slice(where), .extent = piece.extent});
    }
  }

  shape checked_shape(const std::string& path, const catalog_tensor& of,
                      std::vector<std::int64_t> sizes) const {
    std::int64_t bytes = static_cast<std::int64_t>(size_of(of.type));
    for (const std::int64_t size : sizes) {
      const auto product = checked_multiply(bytes, std::max<std::int64_t>(size, 1));
      if (!product) refuse(path, of.name, "it is larger than any tensor");
      bytes = *product;
    }
    return shape(std::move(sizes));
  }

  std::vector<std::int64_t> offsets_of(const std::string& path, const catalog_tensor& of,
                                       const nlohmann::json& offsets) const {
    const auto rank = static_cast<std::size_t>(of.full_shape.rank());
    const auto fits = [&](const nlohmann::json& list) {
      return list.is_array() && list.size() == rank &&
             std::all_of(list.begin(), list.end(), [](const nlohmann::json& one) {
               return one.is_number_unsigned() && one.get<std::uint64_t>() <= INT64_MAX;
             });
    };
    const bool known = offsets.is_object() && offsets.contains(of.name) &&
                       offsets[of.name].is_object() && offsets[of.name].contains("saved_offsets") &&
                       fits(offsets[of.name]["saved_offsets"]);
    if (!known) {
      refuse(path, of.name,
             fmt::format("{}: expected saved_offsets, {} numbers", SHARDING_INFO, rank));
    }
    return offsets[of.name]["saved_offsets"].get<std::vector<std::int64_t>>();
  }

  void check(catalog_tensor& of) const {
    std::vector<slice> slices;
    for (const stored_piece& piece : of.pieces) slices.push_back(piece.slice);
    refuse_incomplete(of, slices, directory_);
  }

  const file_system& files_;
  const std::string& directory_;
  catalog made_;
  std::map<std::string, catalog_tensor> tensors_;
};

}  // namespace

catalog read_sharded_safetensors(const file_system& files, const std::string& directory,
                                 const std::vector<std::string>& members) {
  sharded_reader reader(files, directory);
  for (const std::string& path : members) reader.add_file(path);
  return reader.finish();
}

}  // namespace warmstart::detail

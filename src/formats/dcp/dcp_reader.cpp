#include "formats/dcp/dcp_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/file_problem.hpp"
#include "formats/common/shard_index.hpp"
#include "formats/common/shard_set.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/dcp/dcp_metadata.hpp"
#include "formats/registry/format_names.hpp"
#include "formats/safetensors/file_reader.hpp"
#include "formats/safetensors/sharded_reader.hpp"
#include "formats/torch/torch_archive.hpp"
#include "formats/torch/torch_tensor.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

class dcp_reader {
 public:
  dcp_reader(const file_system& files, const std::string& directory)
      : files_(files), directory_(directory) {
    made_.format = DCP;
    made_.path = directory;
    const auto from = files.open(metadata_path(), read_mode::buffered);
    made_.metadata.push_back({.path = from->path(), .identity = from->identity()});
    stored_ = read_dcp_metadata(*from);
  }

  catalog read() {
    for (const dcp_tensor& one : stored_) add_tensor(one);
    sort_tensors(made_);
    for (const dcp_tensor& one : stored_) add_chunks(one);
    if (are_safetensors()) return read_safetensors();
    for (const auto& one : chunks_of_) {
      or_refuse(one.second, [&] { add_file(one.first, one.second); });
    }
    return std::move(made_);
  }

 private:
  struct chunk {
    const dcp_chunk* is = nullptr;
    std::uint32_t tensor = 0;  ///< position in the catalog
  };

  void add_tensor(const dcp_tensor& one) {
    made_.tensors.push_back({.name = one.name,
                             .type = one.type,
                             .type_number = static_cast<std::int64_t>(one.type),
                             .full_shape = one.shape});
    catalog_tensor& tensor = made_.tensors.back();
    if (!one.refusal.empty()) refuse(tensor, one.refusal);
    if (one.type == dtype::invalid) {
      refuse(tensor, metadata_path() + ": its elements are of a type that variables cannot have",
             error_code::unsupported);
    }
    std::vector<slice> slices;
    for (const dcp_chunk& part : one.chunks) slices.push_back(part.slice);
    refuse_incomplete(tensor, slices, metadata_path());
  }

  void add_chunks(const dcp_tensor& one) {
    const catalog_tensor& tensor = *made_.find(one.name);
    if (!tensor.refusal.reason.empty()) return;
    for (const dcp_chunk& part : one.chunks) {
      chunks_of_[part.place.file].push_back({.is = &part, .tensor = made_.index_of(tensor)});
    }
  }

  // In safetensors files the header, not `.metadata`, says where a chunk is.
  [[nodiscard]] bool are_safetensors() const {
    if (chunks_of_.empty() || !is_plain_name(chunks_of_.begin()->first)) return false;
    const std::string path = directory_ + '/' + chunks_of_.begin()->first;
    return files_.is_regular(path) && is_safetensors(*files_.open(path, read_mode::buffered));
  }

  catalog read_safetensors() {
    std::vector<std::string> members;
    for (const auto& one : chunks_of_) members.push_back(path_of(one.first));
    catalog made = read_sharded_safetensors(files_, directory_, members);
    for (const catalog_tensor& wanted : made_.tensors) {
      const catalog_tensor* const found = made.find(wanted.name);
      if (found != nullptr && found->type == wanted.type &&
          found->full_shape == wanted.full_shape) {
        continue;
      }
      throw error(file_difference(
          error_code::corrupt, {metadata_path()}, "tensor " + in_quotes(wanted.name),
          {.expected = std::string(name_of(wanted.type)) + to_string(wanted.full_shape),
           .found = found == nullptr
                        ? "none"
                        : std::string(name_of(found->type)) + to_string(found->full_shape)},
          wanted.name));
    }
    made.format = DCP;
    made.metadata.insert(made.metadata.begin(), made_.metadata.front());
    return made;
  }

  [[nodiscard]] std::string metadata_path() const { return directory_ + '/' + DCP_METADATA; }

  [[nodiscard]] std::string path_of(const std::string& name) const {
    if (is_plain_name(name)) return directory_ + '/' + name;
    throw error(file_difference(
        error_code::corrupt, {metadata_path()}, "",
        {.expected = "the name of a file in the same directory", .found = in_quotes(name)}));
  }

  // Damaged chunks make only their own tensors unusable.
  template <class Work>
  void or_refuse(const std::vector<chunk>& concerned, Work work) {
    try {
      work();
    } catch (const error& bad) {
      if (bad.code() != error_code::corrupt && bad.code() != error_code::unsupported &&
          bad.code() != error_code::not_found) {
        throw;
      }
      const std::string why = fmt::format("{}; listed in {}", bad.what(), metadata_path());
      for (const chunk& one : concerned) refuse(made_.tensors[one.tensor], why, bad.code());
    }
  }

  void add_file(const std::string& name, const std::vector<chunk>& chunks) {
    const std::string path = path_of(name);
    const auto from = files_.open(path, read_mode::buffered);
    made_.files.push_back({.path = path, .identity = from->identity()});
    for (const chunk& one : chunks) {
      or_refuse({one}, [&] { add_chunk(*from, *one.is, made_.tensors[one.tensor]); });
    }
  }

  void add_chunk(const file& from, const dcp_chunk& stored, catalog_tensor& to) {
    const dcp_place& place = stored.place;
    const auto refuse_chunk = [&](const std::string& why, error_code code) {
      throw error(file_problem(code, {from.path(), place.offset_bytes},
                               fmt::format("slice {} of tensor {}: {}", to_string(stored.slice),
                                           in_quotes(to.name), why),
                               to.name));
    };
    if (!place.transforms.empty()) {
      refuse_chunk("it is transformed by " + in_quotes(place.transforms), error_code::unsupported);
    }
    const std::int64_t size = from.identity().size_bytes;
    if (place.offset_bytes < 0 || place.size_bytes < 0 || place.offset_bytes > size ||
        place.size_bytes > size - place.offset_bytes) {
      refuse_chunk(fmt::format("expected {} bytes in a file of {}", place.size_bytes, size),
                   error_code::corrupt);
    }
    const torch_archive archive(
        from, {.begin = place.offset_bytes, .end = place.offset_bytes + place.size_bytes});
    const pickle_value& root = archive.values()[archive.values().root];
    if (root.is != pickle_kind::call) refuse_chunk("it is not a tensor", error_code::corrupt);
    const torch_tensor tensor = read_torch_tensor(archive.values(), root, from.path());
    if (tensor.type != to.type || tensor.shape != stored.slice.lengths()) {
      refuse_chunk(fmt::format("expected {}{}, found {}{}", name_of(to.type),
                               to_string(stored.slice.lengths()), name_of(tensor.type),
                               to_string(tensor.shape)),
                   error_code::corrupt);
    }
    if (archive.big_endian() || tensor.conjugated || tensor.negated) {
      refuse_chunk("its elements are stored in another byte order, conjugated or negated",
                   error_code::unsupported);
    }
    const auto number = static_cast<std::uint32_t>(made_.extents.size());
    made_.extents.push_back(
        archive.find(tensor.storage, static_cast<std::uint32_t>(made_.files.size() - 1)));
    to.pieces.push_back(make_torch_piece(tensor, stored.slice, number));
  }

  const file_system& files_;
  const std::string& directory_;
  std::vector<dcp_tensor> stored_;
  catalog made_;
  std::map<std::string, std::vector<chunk>> chunks_of_;  ///< by file: one is open at a time
};

}  // namespace

catalog read_dcp(const file_system& files, const std::string& directory) {
  return dcp_reader(files, directory).read();
}

}  // namespace warmstart::detail

#include "formats/dcp/dcp_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/checked.hpp"
#include "base/file_problem.hpp"
#include "formats/common/stored_shape.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/dcp/dcp_symbols.hpp"
#include "formats/pickle/pickle_reader.hpp"
#include "formats/torch/torch_types.hpp"

namespace warmstart::detail {
namespace {

class metadata_reader {
 public:
  explicit metadata_reader(const file& from)
      : path_(from.path()),
        in_(read_pickle(from, {.begin = 0, .end = from.identity().size_bytes}, find_dcp_symbol)) {}

  std::vector<dcp_tensor> read() {
    const pickle_value& root = in_[in_.root];
    if (!is(root, "Metadata")) refuse(root, "expected Metadata");
    read_places(field(root, "storage_data", pickle_kind::dict));
    std::vector<dcp_tensor> made;
    std::set<std::string_view> names;
    const auto& items = field(root, "state_dict_metadata", pickle_kind::dict).items;
    for (std::size_t i = 0; i < items.size(); i += 2) {
      const pickle_value& name = in_[items[i]];
      const pickle_value& value = in_[items[i + 1]];
      if (name.is != pickle_kind::text) refuse(name, "expected a name");
      if (!names.insert(name.text).second) refuse(name, "expected each tensor once");
      if (is(value, "BytesStorageMetadata")) continue;
      if (!is(value, "TensorStorageMetadata")) refuse(value, "expected metadata of a tensor");
      made.push_back(read_tensor(name.text, value));
    }
    return made;
  }

 private:
  using chunk_key = std::pair<std::string_view, std::vector<std::int64_t>>;  ///< name, offsets

  [[noreturn]] void refuse(const pickle_value& at, const std::string& why) const {
    throw error(file_problem(error_code::corrupt, {path_, at.offset_bytes},
                             fmt::format("{}, found {}", why, name_of(at.is))));
  }

  bool is(const pickle_value& value, std::string_view name) const {
    return value.is == pickle_kind::object && dcp_class(in_.symbol_of(value)) == name;
  }

  const pickle_value* find(const pickle_value& object, std::string_view name) const {
    // The limit keeps time linear: many objects can share one state.
    constexpr std::size_t MAX_ITEMS = 200;
    const pickle_value* const state = object.items.size() > 1 ? &in_[object.items[1]] : nullptr;
    if (state == nullptr || state->is != pickle_kind::dict) return nullptr;
    if (state->items.size() > MAX_ITEMS)
      refuse(*state, fmt::format("expected at most {} fields", MAX_ITEMS / 2));
    return in_.find(*state, name);
  }

  const pickle_value& field(const pickle_value& object, std::string_view name,
                            pickle_kind wanted) const {
    const pickle_value* const found = find(object, name);
    if (found == nullptr) refuse(object, fmt::format("expected a field {}", name));
    if (found->is != wanted) refuse(*found, fmt::format("{}: expected {}", name, name_of(wanted)));
    return *found;
  }

  std::vector<std::int64_t> integers(const pickle_value& object, std::string_view name) const {
    std::vector<std::int64_t> made;
    const pickle_value& tuple = field(object, name, pickle_kind::tuple);
    if (tuple.items.size() > MAX_STORED_RANK)
      refuse(tuple, fmt::format("{}: expected at most {} dimensions", name, MAX_STORED_RANK));
    for (const pickle_node node : tuple.items) {
      if (in_[node].is != pickle_kind::integer)
        refuse(in_[node], fmt::format("{}: expected integers", name));
      made.push_back(in_[node].number);
    }
    return made;
  }

  // MetadataIndex → _StorageInfo. Values other than tensors have no offset.
  void read_places(const pickle_value& dict) {
    for (std::size_t i = 0; i < dict.items.size(); i += 2) {
      const pickle_value& index = in_[dict.items[i]];
      const pickle_value& info = in_[dict.items[i + 1]];
      if (!is(index, "MetadataIndex")) refuse(index, "expected a MetadataIndex");
      if (!is(info, "_StorageInfo")) refuse(info, "expected a _StorageInfo");
      const pickle_value* const offset = find(index, "offset");
      if (offset == nullptr || offset->is == pickle_kind::none) continue;
      const std::string& name = field(index, "fqn", pickle_kind::text).text;
      if (!places_.try_emplace({name, integers(index, "offset")}, read_place(info)).second) {
        refuse(index, "expected one place for each chunk of " + in_quotes(name));
      }
    }
  }

  dcp_place read_place(const pickle_value& info) const {
    const pickle_value* const transforms = find(info, "transform_descriptors");
    return {.file = field(info, "relative_path", pickle_kind::text).text,
            .offset_bytes = field(info, "offset", pickle_kind::integer).number,
            .size_bytes = field(info, "length", pickle_kind::integer).number,
            .transforms = transforms == nullptr ? "" : words_of(*transforms)};
  }

  // The names in a list, joined by spaces; other items become "...".
  std::string words_of(const pickle_value& list) const {
    if (list.is == pickle_kind::none) return {};
    std::string words = list.is == pickle_kind::list ? "" : std::string(name_of(list.is));
    for (const pickle_node node : list.items) {
      const pickle_value& one = in_[node];
      words += (words.empty() ? "" : " ") + (one.is == pickle_kind::text ? one.text : "...");
    }
    return words;
  }

  dtype type_of(const pickle_value& tensor) const {
    const pickle_value& properties = field(tensor, "properties", pickle_kind::object);
    const pickle_value* const state =
        properties.items.size() > 1 ? &in_[properties.items[1]] : nullptr;
    if (!is(properties, "TensorProperties") || state == nullptr ||
        state->is != pickle_kind::tuple || state->items.empty() ||
        in_[state->items[0]].is != pickle_kind::symbol) {
      refuse(properties, "expected properties that begin with a dtype");
    }
    const pickle_value& symbol = in_[state->items[0]];
    const auto type = find_torch_dtype(symbol.text);
    if (!type) refuse(symbol, "expected a dtype");
    return type->type;
  }

  dcp_tensor read_tensor(const std::string& name, const pickle_value& value) {
    dcp_tensor made{.name = name, .type = type_of(value), .shape = {}};
    const std::vector<std::int64_t> sizes = integers(value, "size");
    const bool negative =
        std::any_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size < 0; });
    auto of = negative ? std::nullopt
                       : stored_shape(std::vector<std::uint64_t>(sizes.begin(), sizes.end()),
                                      std::max<std::size_t>(size_of(made.type), 1));
    if (!of) {
      made.refusal = fmt::format("{}: the dimensions of tensor {} are negative or too large", path_,
                                 in_quotes(name));
      return made;
    }
    made.shape = *std::move(of);
    const pickle_value& chunks = field(value, "chunks", pickle_kind::list);
    chunks_seen_ += chunks.items.size();
    if (chunks_seen_ > in_.values.size())
      refuse(chunks, "expected chunks that belong to one tensor each");
    for (const pickle_node chunk : chunks.items) add_chunk(made, in_[chunk]);
    return made;
  }

  void add_chunk(dcp_tensor& to, const pickle_value& chunk) const {
    if (!is(chunk, "ChunkStorageMetadata")) refuse(chunk, "expected metadata of a chunk");
    std::vector<std::int64_t> offsets = integers(chunk, "offsets");
    const std::vector<std::int64_t> sizes = integers(chunk, "sizes");
    std::vector<slice_extent> where;
    bool fits =
        static_cast<int>(offsets.size()) == to.shape.rank() && offsets.size() == sizes.size();
    for (std::size_t d = 0; d < offsets.size() && fits; ++d) {
      const std::int64_t whole = to.shape[static_cast<int>(d)];
      fits =
          offsets[d] >= 0 && offsets[d] <= whole && sizes[d] >= 0 && sizes[d] <= whole - offsets[d];
      where.push_back({.start = offsets[d], .length = sizes[d]});
    }
    if (!fits) {
      to.refusal = fmt::format("{}, offset {}: a chunk of tensor {} does not lie within {}", path_,
                               chunk.offset_bytes, in_quotes(to.name), to_string(to.shape));
      return;
    }
    // A rank can hold an empty part of a tensor; no file stores it.
    if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) return;
    const auto place = places_.find({to.name, std::move(offsets)});
    if (place == places_.end()) {
      to.refusal = fmt::format("{}: the place of slice {} of tensor {} is missing", path_,
                               to_string(slice(where)), in_quotes(to.name));
      return;
    }
    to.chunks.push_back({.slice = slice(std::move(where)), .place = place->second});
  }

  const std::string& path_;
  pickle in_;
  std::map<chunk_key, dcp_place> places_;
  std::size_t chunks_seen_ = 0;
};

}  // namespace

std::vector<dcp_tensor> read_dcp_metadata(const file& from) {
  return metadata_reader(from).read();
}

}  // namespace warmstart::detail

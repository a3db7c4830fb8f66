#include "formats/tensorflow/bundle/object_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "formats/tensorflow/bundle/object_graph.hpp"
#include "formats/tensorflow/shared/encoded_tensor.hpp"

namespace warmstart::detail {
namespace {

constexpr std::string_view GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";
constexpr std::string_view VALUE_ENDING = "/.ATTRIBUTES/VARIABLE_VALUE";
constexpr std::string_view SLOT_MARK = "/.OPTIMIZER_SLOT/";
constexpr std::int64_t MAX_GRAPH_BYTES = 256 * mebibyte;
// Slots repeat their variable's name: with longer names a small file would lead to a huge list.
constexpr std::size_t MAX_OBJECT_NAME_BYTES = 4096;

/// Kinds of names, highest precedence first.
enum class name_kind { full_name, path, inner_path };

struct name_candidate {
  std::string name;
  name_kind kind = name_kind::full_name;
  std::uint32_t tensor = 0;
};
using name_candidates = std::vector<name_candidate>;

std::string read_graph(const file_system& files, const catalog& from, const catalog_tensor& graph) {
  if (graph.full_shape != shape{} || graph.pieces.size() > 1) {
    throw error(error_code::corrupt,
                fmt::format("{}: expected a scalar, found {} in {} pieces", GRAPH_KEY,
                            to_string(graph.full_shape), graph.pieces.size()));
  }
  for (const stored_piece& piece : graph.pieces) {
    const std::int64_t size_bytes = from.extents[piece.extent].size_bytes;
    if (size_bytes > MAX_GRAPH_BYTES) {
      throw error(error_code::unsupported, fmt::format("{}: expected at most {} bytes, found {}",
                                                       GRAPH_KEY, MAX_GRAPH_BYTES, size_bytes));
    }
  }
  return std::move(assemble_strings(graph, decode_bundle_strings(files, from, graph)).at(0));
}

/// Adds the names and slots in a graph to the catalog.
class graph_names {
 public:
  graph_names(const object_graph& graph, catalog& into) : into_(into) {
    for (const auto& attribute : graph.attributes) {
      const catalog_tensor* tensor = into.find(attribute.key);
      if (tensor == nullptr) continue;
      const std::uint32_t number = into.index_of(*tensor);
      if (tensor_of_node_.empty() || tensor_of_node_.back().first != attribute.node) {
        tensor_of_node_.emplace_back(attribute.node, number);
      }
      if (is_name(attribute.full_name)) into.tensors[number].full_name = attribute.full_name;
    }
    for (const auto& slot : graph.slots) add_slot(slot);
    finish_slots();
  }

  // Keeps the order of the graph: `add_alias` takes the last of several equal names.
  void add_full_names(const object_graph& graph, name_candidates& names) const {
    for (const auto& attribute : graph.attributes) {
      const catalog_tensor* tensor = into_.find(attribute.key);
      if (tensor == nullptr || !is_name(attribute.full_name)) continue;
      names.push_back({.name = std::string(attribute.full_name),
                       .kind = name_kind::full_name,
                       .tensor = into_.index_of(*tensor)});
    }
  }

 private:
  static bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= MAX_OBJECT_NAME_BYTES;
  }

  // The first tensor of an object, or null. A variable has only one.
  const std::uint32_t* tensor_of(std::int64_t node) const {
    const auto found = std::lower_bound(
        tensor_of_node_.begin(), tensor_of_node_.end(), node,
        [](const auto& known, std::int64_t wanted) { return known.first < wanted; });
    return found != tensor_of_node_.end() && found->first == node ? &found->second : nullptr;
  }

  void add_slot(const object_graph::slot& slot) {
    const std::uint32_t* tensor = tensor_of(slot.node);
    const std::uint32_t* variable = tensor_of(slot.variable);
    if (tensor == nullptr || variable == nullptr || !is_name(slot.name)) return;
    if (into_.tensors[*variable].name.size() > MAX_OBJECT_NAME_BYTES) return;
    into_.slots.push_back({.tensor = *tensor,
                           .variable = *variable,
                           .name = std::string(slot.name),
                           .optimizer = {}});
  }

  // Keeps one slot per tensor, and takes its optimizer from the tensor's key.
  void finish_slots() {
    auto& slots = into_.slots;
    std::stable_sort(slots.begin(), slots.end(),
                     [](const auto& a, const auto& b) { return a.tensor < b.tensor; });
    slots.erase(std::unique(slots.begin(), slots.end(),
                            [](const auto& a, const auto& b) { return a.tensor == b.tensor; }),
                slots.end());
    for (catalog_slot& slot : slots) slot.optimizer = optimizer_in(into_.tensors[slot.tensor].name);
  }

  // VARIABLE/.OPTIMIZER_SLOT/OPTIMIZER/NAME/.ATTRIBUTES/VARIABLE_VALUE
  static std::string_view optimizer_in(std::string_view key) {
    const std::size_t mark = key.rfind(SLOT_MARK);
    if (mark == std::string_view::npos || !key.ends_with(VALUE_ENDING)) return {};
    key.remove_suffix(VALUE_ENDING.size());
    key = key.substr(std::min(key.size(), mark + SLOT_MARK.size()));
    const std::size_t slash = key.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
  }

  catalog& into_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> tensor_of_node_;  ///< sorted
};

void add_paths(const catalog& of, name_candidates& names) {
  for (const catalog_tensor& tensor : of.tensors) {
    std::string_view path = tensor.name;
    if (!path.ends_with(VALUE_ENDING)) continue;
    path.remove_suffix(VALUE_ENDING.size());
    const std::uint32_t number = of.index_of(tensor);
    names.push_back({.name = std::string(path), .kind = name_kind::path, .tensor = number});
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) continue;
    names.push_back({.name = std::string(path.substr(slash + 1)),
                     .kind = name_kind::inner_path,
                     .tensor = number});
  }
}

/// Adds the alias for a name. `candidates` has all tensors with that name, sorted by kind.
void add_alias(std::span<name_candidate> candidates, catalog& into) {
  const name_kind kind = candidates.front().kind;
  const auto end = std::find_if(candidates.begin(), candidates.end(),
                                [kind](const auto& one) { return one.kind != kind; });
  name_candidate& last = *std::prev(end);
  const auto rivals = std::count_if(candidates.begin(), end,
                                    [&last](const auto& one) { return one.tensor != last.tensor; });
  if (kind == name_kind::inner_path && rivals > 0) return;
  into.aliases.push_back({.name = std::move(last.name),
                          .tensor = last.tensor,
                          .ambiguous_with = static_cast<std::uint32_t>(rivals)});
}

void add_aliases(name_candidates names, catalog& into) {
  std::erase_if(names, [&into](const auto& one) {
    return one.name.empty() || into.find(one.name) != nullptr;
  });
  std::stable_sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    const int order = a.name.compare(b.name);
    return order != 0 ? order < 0 : a.kind < b.kind;
  });
  for (auto first = names.begin(); first != names.end();) {
    const auto end =
        std::find_if(first, names.end(), [&](const auto& one) { return one.name != first->name; });
    add_alias({first, end}, into);
    first = end;
  }
}

}  // namespace

void add_object_names(const file_system& files, catalog& into) {
  const catalog_tensor* graph_tensor = into.find(GRAPH_KEY);
  if (graph_tensor == nullptr) return;
  name_candidates names;
  try {
    const std::string bytes = read_graph(files, into, *graph_tensor);
    const object_graph graph =
        parse_object_graph(bytes, {.path = into.path, .part = std::string(GRAPH_KEY)});
    graph_names(graph, into).add_full_names(graph, names);
  } catch (const error& bad) {
    into.missing_names_reason = bad.what();
  }
  add_paths(into, names);
  add_aliases(std::move(names), into);
}

}  // namespace warmstart::detail

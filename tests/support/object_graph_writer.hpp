#pragma once

#include <cstdint>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <vector>

#include "support/string_payload.hpp"

namespace warmstart::detail::test {

/// The key of a variable's value at that path from the root.
inline std::string value_key(const std::string& path) {
  return path + "/.ATTRIBUTES/VARIABLE_VALUE";
}

/// Writes object graphs (specification A5), including ones that TensorFlow would not write.
class object_graph_writer {
 public:
  /// The first node is the root.
  std::int32_t node() {
    nodes_.emplace_back();
    return static_cast<std::int32_t>(nodes_.size() - 1);
  }
  object_graph_writer& child(std::int32_t of, std::int32_t to, const std::string& name) {
    std::string text;
    protozero::pbf_writer writer(text);
    writer.add_int32(1, to);
    writer.add_string(2, name);
    return field(of, 1, text);
  }
  object_graph_writer& attribute(std::int32_t of, const std::string& full_name,
                                 const std::string& key) {
    std::string text;
    protozero::pbf_writer writer(text);
    writer.add_string(1, "VARIABLE_VALUE");
    writer.add_string(2, full_name);
    writer.add_string(3, key);
    return field(of, 2, text);
  }
  /// Of an optimizer's node.
  object_graph_writer& slot(std::int32_t of, std::int32_t variable, const std::string& name,
                            std::int32_t slot_node) {
    std::string text;
    protozero::pbf_writer writer(text);
    writer.add_int32(1, variable);
    writer.add_string(2, name);
    writer.add_int32(3, slot_node);
    return field(of, 3, text);
  }
  object_graph_writer& field(std::int32_t of, std::uint32_t tag, const std::string& bytes) {
    protozero::pbf_writer(nodes_.at(static_cast<std::size_t>(of))).add_message(tag, bytes);
    return *this;
  }

  /// A variable that has a node of its own, at a path.
  std::int32_t variable(const std::string& full_name, const std::string& path) {
    const std::int32_t made = node();
    attribute(made, full_name, value_key(path));
    return made;
  }

  [[nodiscard]] std::string text() const {
    std::string made;
    for (const std::string& node : nodes_) protozero::pbf_writer(made).add_message(1, node);
    return made;
  }

 private:
  std::vector<std::string> nodes_;
};

/// Makes a checkpoint an object-based one.
inline bundle_writer& add_graph(bundle_writer& writer, const std::string& graph,
                                std::int64_t shard = 0, bool big_endian = false) {
  return add_strings(writer, "_CHECKPOINTABLE_OBJECT_GRAPH", {},
                     encode_strings({graph}, big_endian), shard);
}

}  // namespace warmstart::detail::test

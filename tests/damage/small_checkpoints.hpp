#pragma once

#include <ostream>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <vector>

#include "support/bundle_writer.hpp"
#include "support/string_payload.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::test {

/// A checkpoint of a few hundred bytes, for tests that damage all of them.
struct small_checkpoint {
  std::string kind;
  void (*write)(const std::string& directory) = nullptr;
  std::string path;                ///< to open, within the directory
  std::vector<std::string> files;  ///< to damage
  std::size_t harmless_bits = 0;   ///< that no checksum covers, and that change no value
};

inline std::ostream& operator<<(std::ostream& to, const small_checkpoint& one) {
  return to << one.kind;
}

namespace small {

inline void one_shard(const std::string& directory) {
  bundle_writer writer;
  writer.tensor("empty", dtype::float32, {0, 4}, "");
  writer.tensor("scalar", dtype::int64, {}, bytes_of<std::int64_t>({7}));
  writer.tensor("w", dtype::float32, {2, 3}, bytes_of(counted<float>(6)));
  writer.write(directory + "/m");
}

inline void slices_in_shards(const std::string& directory) {
  bundle_writer writer(2);
  writer.alignment(8);
  writer.tensor("b", dtype::int16, {3}, bytes_of<std::int16_t>({1, 2, 3}), 1);
  const std::string all = bytes_of(counted<float>(10));
  bundle_writer::entry emb{.type = 1, .sizes = {5, 2}};
  const auto add = [&](const char* where, const std::string& bytes, std::int64_t shard) {
    emb.slices.push_back(slice::parse(where));
    writer.raw(encode_slice_key("emb", emb.slices.back()),
               bundle_writer::record(
                   writer.place(dtype::float32, emb.slices.back().lengths(), bytes, shard)));
  };
  add("0,3:0,2", all.substr(0, 24), 0);
  add("3,2:0,2", all.substr(24), 1);
  writer.raw("emb", bundle_writer::record(emb));
  writer.write(directory + "/m");
}

inline void strings(const std::string& directory) {
  bundle_writer writer;
  add_strings(writer, "names", {2}, encode_strings({"hi", ""}));
  add_strings(writer, "one", {}, encode_strings({"text"}));
  writer.tensor("w", dtype::uint8, {3}, "abc");
  writer.write(directory + "/m");
}

inline void big_endian(const std::string& directory) {
  bundle_writer writer;
  writer.header(bundle_writer::header_record(1, true));
  add_strings(writer, "names", {2}, encode_strings({"hi", ""}, true));
  writer.tensor("w", dtype::float32, {2}, std::string("\x3f\x80\0\0\x40\0\0\0", 8));
  writer.tensor("z", dtype::complex64, {1}, std::string("\x3f\x80\0\0\x40\0\0\0", 8));
  writer.write(directory + "/m");
}

/// A TrackableObjectGraph: the root has one child, a variable.
inline std::string object_graph(const std::string& child, const std::string& full_name,
                                const std::string& key) {
  std::string reference;
  protozero::pbf_writer reference_writer(reference);
  reference_writer.add_int32(1, 1);
  reference_writer.add_string(2, child);
  std::string root;
  protozero::pbf_writer(root).add_message(1, reference);
  std::string attribute;
  protozero::pbf_writer attribute_writer(attribute);
  attribute_writer.add_string(1, "VARIABLE_VALUE");
  attribute_writer.add_string(2, full_name);
  attribute_writer.add_string(3, key);
  std::string variable;
  protozero::pbf_writer(variable).add_message(2, attribute);
  std::string graph;
  protozero::pbf_writer graph_writer(graph);
  graph_writer.add_message(1, root);
  graph_writer.add_message(1, variable);
  return graph;
}

inline void saved_model(const std::string& directory) {
  const std::string key = "v/.ATTRIBUTES/VARIABLE_VALUE";
  bundle_writer writer;
  add_strings(writer, "_CHECKPOINTABLE_OBJECT_GRAPH", {},
              encode_strings({object_graph("v", "dense/v", key)}));
  writer.tensor(key, dtype::float32, {3}, bytes_of(counted<float>(3)));
  writer.write(directory + "/saved/variables/variables");
}

/// Two checkpoints whose names, and values, differ in one bit each.
inline void state_file(const std::string& directory) {
  for (const char step : {'0', '1'}) {
    bundle_writer writer;
    writer.tensor("w", dtype::uint8, {2}, {step, 9});
    writer.write(directory + "/m-" + step);
  }
  write_file(directory + "/checkpoint",
             "model_checkpoint_path: \"m-1\"\n"
             "all_model_checkpoint_paths: \"m-0\"\n"
             "all_model_checkpoint_paths: \"m-1\"\n"
             "all_model_checkpoint_timestamps: 1.5e+09\n"
             "last_preserved_timestamp: -1\n");
}

}  // namespace small

/// The number that ends a table's footer may go on into the zeros behind it.
inline constexpr std::size_t FOOTER_BIT = 1;
inline constexpr std::size_t PADDING_BITS = 16;  ///< of `slices_in_shards`

inline const std::vector<small_checkpoint> SMALL_CHECKPOINTS = {
    {"one_shard", small::one_shard, "m", {"m.index", "m.data-00000-of-00001"}, FOOTER_BIT},
    {"slices_in_shards",
     small::slices_in_shards,
     "m",
     {"m.index", "m.data-00000-of-00002", "m.data-00001-of-00002"},
     FOOTER_BIT + PADDING_BITS},
    {"strings", small::strings, "m", {"m.index", "m.data-00000-of-00001"}, FOOTER_BIT},
    {"big_endian", small::big_endian, "m", {"m.index", "m.data-00000-of-00001"}, FOOTER_BIT},
    {"saved_model",
     small::saved_model,
     "saved",
     {"saved/variables/variables.index", "saved/variables/variables.data-00000-of-00001"},
     FOOTER_BIT},
    {"behind_a_state_file",
     small::state_file,
     "",
     {"m-1.index", "m-1.data-00000-of-00001"},
     FOOTER_BIT},
};

}  // namespace warmstart::test

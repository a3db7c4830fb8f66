#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "support/bundle_writer.hpp"
#include "support/dcp_writer.hpp"
#include "support/npy_writer.hpp"
#include "support/object_graph_writer.hpp"
#include "support/safetensors_writer.hpp"
#include "support/slices_writer.hpp"
#include "support/string_payload.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch_writer.hpp"
#include "support/zip_writer.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail::test {

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

inline constexpr auto V2 = "_rebuild_tensor_v2";

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

inline void saved_model(const std::string& directory) {
  object_graph_writer graph;
  const std::int32_t root = graph.node();
  graph.child(root, graph.variable("dense/v", "v"), "v");
  bundle_writer writer;
  add_graph(writer, graph.text());
  writer.tensor(value_key("v"), dtype::float32, {3}, bytes_of(counted<float>(3)));
  writer.write(directory + "/saved/variables/variables");
}

inline void v1(const std::string& directory) {
  slices_writer writer;
  writer.tensor("f", dtype::float32, {2}, bytes_of<float>({1.5F, -2}));
  writer.tensor("i", dtype::int32, {3}, bytes_of<std::int32_t>({-1, 300, 7}));
  writer.tensor("scalar", dtype::complex64, {}, bytes_of<float>({1, 2}));
  writer.strings("names", {"hi", ""});
  writer.write(directory + "/v1");
}

/// A block for each record, so that damage to one leaves the others.
inline void v1_shards(const std::string& directory) {
  slices_writer first;
  first.sliced("w", dtype::int16, {2, 2},
               {{slice::parse("0,1:-"), slices_writer::packed(dtype::int16, "abcd")}});
  first.tensor("b", dtype::boolean, {2}, std::string("\0\1", 2));
  write_file(directory + "/v1-00000-of-00002", first.file(1));
  slices_writer second;
  second.sliced("w", dtype::int16, {2, 2},
                {{slice::parse("1,1:-"), slices_writer::packed(dtype::int16, "efgh")}});
  write_file(directory + "/v1-00001-of-00002", second.file(1));
}

inline void npz(const std::string& directory) {
  write_file(directory + "/m.npz",
             zip_writer()
                 .add("stored.npy", npy_file("<f4", "(2, 3)", bytes_of(counted<float>(6)), true))
                 .add("deflated.npy", npy_file(">i2", "(4,)", "abcdefgh"), zip_entry::deflated)
                 .finish());
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

/// For formats without checksums of their own.
inline void write_checksums(const std::string& path) {
  const checkpoint_checksums made = compute_checksums(path);
  write_file(made.path, made.text);
}

inline void safetensors(const std::string& directory) {
  const std::string header = R"({"a.b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                             R"("c":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}})";
  const std::string path = directory + "/m.safetensors";
  write_file(path, safetensors_file(header, bytes_of<float>({1.5F, -2}) + "xyz"));
  write_checksums(path);
}

inline void npy(const std::string& directory) {
  const std::string path = directory + "/m.npy";
  write_file(path, npy_file("<f4", "(2, 3)", bytes_of(counted<float>(6)), true));
  write_checksums(path);
}

inline void legacy_torch(const std::string& directory) {
  torch_writer writer;
  const std::string floats = writer.storage("FloatStorage", 6, bytes_of(counted<float>(6)));
  const std::string path = directory + "/m.pt";
  write_file(path, writer.legacy(pickled::dict(pickled::text("t") +
                                               torch_writer::tensor(floats, 0, {3, 2}, {1, 3})),
                                 {6}));
  write_checksums(path);
}

/// Two files of one tensor each, and the index that says so.
inline void write_set(const std::string& directory, const std::string& ending,
                      const std::string& of_u, const std::string& of_w) {
  write_file(directory + "/u" + ending, of_u);
  write_file(directory + "/w" + ending, of_w);
  write_file(directory + "/m" + ending + ".index.json",
             R"({"metadata":{"total_size":12},"weight_map":{"u":"u)" + ending + R"(","w":"w)" +
                 ending + R"("}})");
}

inline std::string one_tensor_of_safetensors(const std::string& name) {
  const std::string header =
      "{\"" + name + R"(":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  return safetensors_file(header, bytes_of<float>({1.5F, -2}));
}

inline void safetensors_set(const std::string& directory) {
  const std::string ending = ".safetensors";
  write_set(directory, ending, one_tensor_of_safetensors("u"), one_tensor_of_safetensors("w"));
  write_checksums(directory + "/m" + ending + ".index.json");
}

inline std::string one_tensor_of_torch(const std::string& name) {
  torch_writer writer;
  const std::string floats = writer.storage("FloatStorage", 2, bytes_of<float>({1.5F, -2}));
  return writer.archive(
      pickled::dict(pickled::text(name) + torch_writer::tensor(floats, 0, {2}, {1})));
}

inline void torch_set(const std::string& directory) {
  write_set(directory, ".bin", one_tensor_of_torch("u"), one_tensor_of_torch("w"));
}

inline void torch_archive(const std::string& directory) {
  torch_writer writer;
  const std::string floats = writer.storage("FloatStorage", 6, bytes_of(counted<float>(6)));
  const std::string shorts = writer.storage("ShortStorage", 3, bytes_of<std::int16_t>({1, 2, 300}));
  const auto tensor = torch_writer::tensor;
  write_file(
      directory + "/m.pt",
      writer.archive(pickled::dict(pickled::text("t") + tensor(floats, 0, {3, 2}, {1, 3}, "", V2) +
                                   pickled::text("w") + tensor(floats, 0, {2, 3}, {3, 1}, "", V2) +
                                   pickled::text("s") + tensor(shorts, 0, {3}, {1}, "", V2))));
}

/// Rows that two ranks saved, one of them a scalar besides.
inline void distributed(const std::string& directory) {
  const std::string top = dcp_writer::blob({1, 2}, bytes_of<float>({1, 2}));
  const std::string bottom = dcp_writer::blob({2, 2}, bytes_of<float>({3, 4, 5, 6}));
  const std::string scalar = dcp_writer::blob({}, bytes_of<float>({7}));
  dcp_writer writer;
  writer.tensor("w", {3, 2},
                {{.offsets = {0, 0}, .sizes = {1, 2}, .size_bytes = std::ssize(top)},
                 {.offsets = {1, 0},
                  .sizes = {2, 2},
                  .file = "__1_0.distcp",
                  .size_bytes = std::ssize(bottom)}});
  writer.tensor("scalar", {},
                {{.offsets = {},
                  .sizes = {},
                  .file = "__1_0.distcp",
                  .offset_bytes = std::ssize(bottom),
                  .size_bytes = std::ssize(scalar)}});
  write_file(directory + "/d/__0_0.distcp", top);
  write_file(directory + "/d/__1_0.distcp", bottom + scalar);
  write_file(directory + "/d/.metadata", writer.metadata());
}

}  // namespace small

/// The number that ends a table's footer may go on into the zeros behind it.
inline constexpr std::size_t FOOTER_BIT = 1;
inline constexpr std::size_t PADDING_BITS = 16;  ///< of `slices_in_shards`

/// Spaces in headers may be other ones; nobody looks at what torch alone asks for.
inline constexpr std::size_t SAFETENSORS_BITS = 0;
inline constexpr std::size_t NPY_BITS = 4;
inline constexpr std::size_t LEGACY_BITS = 149;
/// Zip archives have much that nobody looks at: versions, flags, times, attributes, all of the
/// local headers but their names. The version of torch.save's format may be another one.
inline constexpr std::size_t NPZ_BITS = 683;
inline constexpr std::size_t TORCH_BITS = 1343;
/// Of an index, the size of it all.
inline constexpr std::size_t SAFETENSORS_SET_BITS = 131;
inline constexpr std::size_t TORCH_SET_BITS = 2179;
/// Of the metadata, too, what torch alone asks for.
inline constexpr std::size_t DISTRIBUTED_BITS = 3301;

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
    {"v1", small::v1, "v1", {"v1"}, FOOTER_BIT},
    {"v1_shards",
     small::v1_shards,
     "v1-*",
     {"v1-00000-of-00002", "v1-00001-of-00002"},
     2 * FOOTER_BIT},
    {"npz", small::npz, "m.npz", {"m.npz"}, NPZ_BITS},
    {"safetensors", small::safetensors, "m.safetensors", {"m.safetensors"}, SAFETENSORS_BITS},
    {"npy", small::npy, "m.npy", {"m.npy"}, NPY_BITS},
    {"legacy_torch", small::legacy_torch, "m.pt", {"m.pt"}, LEGACY_BITS},
    {"behind_a_state_file",
     small::state_file,
     "",
     {"m-1.index", "m-1.data-00000-of-00001"},
     FOOTER_BIT},
    {"torch_archive", small::torch_archive, "m.pt", {"m.pt"}, TORCH_BITS},
    {"safetensors_set",
     small::safetensors_set,
     "m.safetensors.index.json",
     {"m.safetensors.index.json", "u.safetensors", "w.safetensors"},
     SAFETENSORS_SET_BITS},
    {"torch_set",
     small::torch_set,
     "m.bin.index.json",
     {"m.bin.index.json", "u.bin", "w.bin"},
     TORCH_SET_BITS},
    {"distributed",
     small::distributed,
     "d",
     {"d/.metadata", "d/__0_0.distcp", "d/__1_0.distcp"},
     DISTRIBUTED_BITS},
};

}  // namespace warmstart::detail::test

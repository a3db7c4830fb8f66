#include "formats/tensorflow/bundle/object_names.hpp"

#include <gtest/gtest.h>

#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "support/expect_mentions.hpp"
#include "support/memory_files.hpp"
#include "support/object_graph_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::add_graph;
using test::bundle_writer;
using test::memory_files;
using test::object_graph_writer;
using test::value_key;

constexpr auto GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH";

/// A bundle with a byte at each of these paths.
bundle_writer bytes_at(const std::vector<std::string>& paths) {
  bundle_writer writer;
  for (const std::string& path : paths) {
    writer.tensor(value_key(path), dtype::uint8, {1}, "x");
  }
  return writer;
}

catalog read_objects(const bundle_writer& writer) {
  memory_files files;
  writer.write(files, "m");
  return read_bundle(files, "m");
}

/// The path of what a name leads to, with the number of its rivals if there are any.
std::string meaning(const catalog& in, const std::string& name) {
  const catalog_tensor* found = in.find(name);
  if (found == nullptr) return "nothing";
  const std::string path = found->name.substr(0, found->name.find("/.ATTRIBUTES/"));
  const tensor_alias* alias = in.find_alias(name);
  if (alias == nullptr || alias->ambiguous_with == 0) return path;
  return path + ", not " + std::to_string(alias->ambiguous_with) + " more";
}

TEST(object_names, keys_full_names_and_paths_in_this_order) {
  object_graph_writer graph;
  graph.node();
  graph.variable("dense/kernel", "model/w");
  graph.variable("model/w", "model/v");         // as another one's path
  graph.variable(value_key("model/w"), "x/y");  // as another one's key
  graph.variable("", "x/z");
  bundle_writer writer = bytes_at({"model/w", "model/v", "x/y", "x/z"});
  const catalog source = read_objects(add_graph(writer, graph.text()));
  EXPECT_EQ(source.missing_names_reason, "");
  EXPECT_EQ(meaning(source, "dense/kernel"), "model/w");
  EXPECT_EQ(meaning(source, "model/w"), "model/v");
  EXPECT_EQ(meaning(source, value_key("model/w")), "model/w");
  EXPECT_EQ(meaning(source, "x/y"), "x/y");
  EXPECT_EQ(meaning(source, "y"), "x/y");
  EXPECT_EQ(meaning(source, "w"), "model/w");
  EXPECT_EQ(meaning(source, "dense"), "nothing");
  EXPECT_EQ(meaning(source, ""), "nothing");
  EXPECT_EQ(source.find(value_key("model/w"))->full_name, "dense/kernel");
  EXPECT_TRUE(source.has_names_in("dense/"));
  EXPECT_FALSE(source.has_names_in("dense/x"));
}

TEST(object_names, a_shared_full_name_means_the_last_object_in_the_graph) {
  object_graph_writer graph;
  graph.node();
  graph.variable("kernel", "b");
  graph.variable("kernel", "c");
  const std::int32_t last = graph.variable("kernel", "a");
  graph.attribute(last, "other", value_key("d"));
  bundle_writer writer = bytes_at({"a", "b", "c", "d"});
  const catalog source = read_objects(add_graph(writer, graph.text()));
  EXPECT_EQ(meaning(source, "kernel"), "a, not 2 more");
  EXPECT_EQ(meaning(source, "other"), "d");
  EXPECT_EQ(source.find(value_key("b"))->full_name, "kernel");
}

TEST(object_names, a_path_within_an_object_must_be_the_only_one) {
  bundle_writer writer = bytes_at({"g/w", "d/w", "d/b"});
  const catalog source = read_objects(add_graph(writer, ""));
  EXPECT_EQ(meaning(source, "w"), "nothing");
  EXPECT_EQ(meaning(source, "b"), "d/b");
  EXPECT_EQ(meaning(source, "g/w"), "g/w");
}

TEST(object_names, checkpoints_that_are_not_object_based_have_none) {
  EXPECT_TRUE(read_objects(bytes_at({"model/w"})).aliases.empty());
}

TEST(object_names, slots) {
  object_graph_writer graph;
  const std::int32_t root = graph.node();
  const std::int32_t kernel = graph.variable("dense/kernel", "kernel");
  const std::int32_t m = graph.variable("Adam/m", "kernel/.OPTIMIZER_SLOT/train/opt/m");
  const std::int32_t odd = graph.variable("", "odd");
  graph.slot(root, kernel, "m", m).slot(root, kernel, "v", odd);
  bundle_writer writer = bytes_at({"kernel", "kernel/.OPTIMIZER_SLOT/train/opt/m", "odd"});
  const catalog source = read_objects(add_graph(writer, graph.text()));
  ASSERT_EQ(source.slots.size(), 2U);
  const catalog_slot* slot = source.find_slot(*source.find("Adam/m"));
  ASSERT_NE(slot, nullptr);
  EXPECT_EQ(slot->name, "m");
  EXPECT_EQ(slot->optimizer, "train/opt");
  EXPECT_EQ(source.tensors[slot->variable].full_name, "dense/kernel");
  EXPECT_EQ(source.find_slot(*source.find("odd"))->optimizer, "");
  EXPECT_EQ(source.find_slot(*source.find("dense/kernel")), nullptr);
}

TEST(object_names, dangling_references_are_ignored) {
  object_graph_writer graph;
  const std::int32_t root = graph.node();
  const std::int32_t w = graph.variable("w", "w");
  graph.variable("w", "gone");  // its key is not in the index: the name stays with the other
  graph.child(root, 1000, "far").child(root, -1, "before").child(w, root, "up");
  for (const std::int32_t node : {-1, 1000, INT32_MAX, INT32_MIN, root}) {
    graph.slot(root, w, "m", node).slot(root, node, "m", w);
  }
  graph.slot(root, w, std::string(5000, 'n'), w).variable(std::string(5000, 'n'), "v");
  bundle_writer writer = bytes_at({"w", "v"});
  const catalog source = read_objects(add_graph(writer, graph.text()));
  EXPECT_EQ(source.missing_names_reason, "");
  EXPECT_EQ(meaning(source, "w"), "w");
  EXPECT_EQ(meaning(source, "gone"), "nothing");
  EXPECT_TRUE(source.slots.empty());
  EXPECT_EQ(source.find(value_key("v"))->full_name, "");
}

TEST(object_names, a_tensor_is_one_slot) {
  object_graph_writer graph;
  const std::int32_t root = graph.node();
  const std::int32_t w = graph.variable("w", "w");
  graph.slot(root, w, "m", w).slot(root, w, "v", w);
  bundle_writer writer = bytes_at({"w"});
  const catalog source = read_objects(add_graph(writer, graph.text()));
  ASSERT_EQ(source.slots.size(), 1U);
  EXPECT_EQ(source.slots[0].name, "m");
}

/// Opens a checkpoint whose graph is not to be had: tensors are there by key and path, and why
/// there are no names is said.
std::string missing_names(const bundle_writer& writer, memory_files& files) {
  files.put("m.index", bundle_writer::bytes_of(writer.index()));
  const catalog source = read_bundle(files, "m");
  EXPECT_EQ(meaning(source, value_key("model/w")), "model/w");
  EXPECT_EQ(meaning(source, "model/w"), "model/w");
  EXPECT_EQ(meaning(source, "w"), "model/w");
  EXPECT_EQ(meaning(source, "full"), "nothing");
  EXPECT_EQ(source.find("w")->full_name, "");
  return source.missing_names_reason;
}

TEST(object_names, no_damage_to_the_graph_stops_opening) {
  object_graph_writer graph;
  graph.variable("full", "model/w");
  const auto with_graph = [](const std::string& text) {
    bundle_writer writer = bytes_at({"model/w"});
    return add_graph(writer, text);
  };
  const bundle_writer good = with_graph(graph.text());
  memory_files files;
  EXPECT_MENTIONS(missing_names(good, files), "m.data-00000-of-00001: no such file");
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(good.shards()[0].substr(0, 20)));
  EXPECT_MENTIONS(missing_names(good, files), "the file ends too early");
  std::string damaged = good.shards()[0];
  damaged.back() ^= 1;
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(damaged));
  EXPECT_MENTIONS(missing_names(good, files), "checksum does not match");
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(good.shards()[0]));
  const std::int64_t before = files.reads();
  EXPECT_EQ(meaning(read_bundle(files, "m"), "full"), "model/w");
  files.fail_read(files.reads() + (files.reads() - before) - 1);  // the graph comes last
  EXPECT_MENTIONS(missing_names(good, files), "scripted failure");
  files.fail_read(-1);

  const bundle_writer no_record = with_graph("\x0a");
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(no_record.shards()[0]));
  EXPECT_MENTIONS(missing_names(no_record, files), "not a valid record");
}

TEST(object_names, a_graph_that_is_no_string_scalar_is_ignored) {
  memory_files files;
  bundle_writer numbers = bytes_at({"model/w"});
  numbers.tensor(GRAPH, dtype::int64, {}, std::string(8, '\0'));
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(numbers.shards()[0]));
  EXPECT_MENTIONS(missing_names(numbers, files), "expected a string tensor, found int64");
  bundle_writer list = bytes_at({"model/w"});
  add_strings(list, GRAPH, {2}, test::encode_strings({"", ""}));
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(list.shards()[0]));
  EXPECT_MENTIONS(missing_names(list, files), "expected a scalar, found [2]");
}

TEST(object_names, one_read_of_a_data_file_at_most) {
  object_graph_writer graph;
  graph.variable("full", "w");
  bundle_writer writer = bytes_at({"w"});
  add_graph(writer, graph.text()).tensor("z", dtype::uint8, {100}, std::string(100, 'z'));
  memory_files files;
  writer.write(files, "m");
  EXPECT_EQ(meaning(read_bundle(files, "m"), "full"), "w");
  std::vector<memory_files::read_event> reads = files.log();
  std::erase_if(reads, [](const auto& one) { return one.path == "m.index"; });
  const auto size = static_cast<std::int64_t>(test::encode_strings({graph.text()}).payload.size());
  EXPECT_EQ(reads, (std::vector<memory_files::read_event>{{"m.data-00000-of-00001", 1, size}}));
}

TEST(object_names, in_the_other_byte_order) {
  object_graph_writer graph;
  graph.variable("full", "w");
  bundle_writer writer = bytes_at({"w"});
  writer.header(bundle_writer::header_record(1, true));
  EXPECT_EQ(meaning(read_objects(add_graph(writer, graph.text(), 0, true)), "full"), "w");
}

// Many objects with the same name: work that grows with the square of their number would run into
// the test runner's limit.
TEST(object_names, time_does_not_grow_quadratically) {
  constexpr int COUNT = 100'000;
  bundle_writer writer;
  object_graph_writer graph;
  const std::int32_t root = graph.node();
  for (int i = 0; i < COUNT; ++i) {
    graph.attribute(root, "same", value_key("v"));
    graph.slot(root, root, "m", root);
  }
  for (int i = 0; i < COUNT / 4; ++i) {
    const std::string path = "a" + std::to_string(i) + "/b";
    writer.raw(value_key(path), bundle_writer::record({.type = 4, .sizes = {0}}));
    graph.variable("same", path);
  }
  writer.raw(value_key("v"), bundle_writer::record({.type = 4, .sizes = {0}}));
  add_graph(writer, graph.text());
  const catalog source = read_objects(writer);
  EXPECT_EQ(meaning(source, "same"), "a24999/b, not 124999 more");
  EXPECT_EQ(meaning(source, "b"), "nothing");
}

}  // namespace
}  // namespace warmstart::detail

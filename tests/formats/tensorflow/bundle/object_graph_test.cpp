#include "formats/tensorflow/bundle/object_graph.hpp"

#include <gtest/gtest.h>

#include "support/object_graph_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::object_graph_writer;
using test::value_key;

/// Node 0 holds a kernel (1) with a slot (2), and refers to itself.
object_graph_writer small_graph() {
  object_graph_writer writer;
  const std::int32_t root = writer.node();
  const std::int32_t kernel = writer.variable("dense/kernel", "kernel");
  const std::int32_t slot = writer.variable("Adam/dense/kernel/m", "kernel/.OPTIMIZER_SLOT/opt/m");
  writer.child(root, kernel, "kernel").child(root, root, "self");
  writer.slot(root, kernel, "m", slot);
  return writer;
}

TEST(object_graph, attributes_and_slots) {
  const std::string text = small_graph().text();
  const object_graph graph = parse_object_graph(text, {"here"});
  ASSERT_EQ(graph.attributes.size(), 2U);
  EXPECT_EQ(graph.attributes[0].node, 1);
  EXPECT_EQ(graph.attributes[0].full_name, "dense/kernel");
  EXPECT_EQ(graph.attributes[0].key, value_key("kernel"));
  EXPECT_EQ(graph.attributes[1].node, 2);
  ASSERT_EQ(graph.slots.size(), 1U);
  EXPECT_EQ(graph.slots[0].node, 2);
  EXPECT_EQ(graph.slots[0].variable, 1);
  EXPECT_EQ(graph.slots[0].name, "m");
}

TEST(object_graph, unknown_and_empty_fields_are_skipped) {
  object_graph_writer writer = small_graph();
  writer.field(0, 4, "a saver").field(0, 5, std::string("\x08\x01")).field(0, 99, "new");
  writer.field(0, 2, "");                       // no key
  writer.field(0, 3, std::string("\x08\x01"));  // no name
  const std::string text = writer.text();
  const object_graph graph = parse_object_graph(text, {"here"});
  EXPECT_EQ(graph.attributes.size(), 2U);
  EXPECT_EQ(graph.slots.size(), 1U);
  EXPECT_TRUE(parse_object_graph("", {"here"}).attributes.empty());
}

TEST(object_graph, wrong_wire_types_are_damage) {
  for (const char* field : {"\x10\x01", "\x18\x01", "\x0d"}) {
    for (const std::uint32_t tag : {2U, 3U}) {
      if (tag == 3 && field[0] == '\x18') continue;  // a slot's node is a number
      object_graph_writer writer = small_graph();
      const std::string text = writer.field(0, tag, field).text();
      try {
        (void)parse_object_graph(text, {"here"});
        ADD_FAILURE() << tag << " with " << int(field[0]);
      } catch (const error& bad) {
        EXPECT_EQ(bad.code(), error_code::corrupt);
        EXPECT_EQ(std::string(bad.what()).rfind("here: ", 0), 0U) << bad.what();
      }
    }
  }
}

TEST(object_graph, any_damage_is_an_error_or_another_graph) {
  const std::string good = small_graph().text();
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    for (std::size_t size : {good.size(), bit / 8}) {
      std::string text = good.substr(0, size);
      if (bit / 8 < size) text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
      try {
        for (const auto& one : parse_object_graph(text, {"here"}).attributes) {
          EXPECT_FALSE(one.key.empty());
        }
      } catch (const error& bad) {
        EXPECT_EQ(bad.code(), error_code::corrupt);
      }
    }
  }
}

}  // namespace
}  // namespace warmstart::detail

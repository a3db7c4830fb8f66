#include "warmstart/load_checkpoint.hpp"

#include <gtest/gtest.h>

#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

TEST(load_checkpoint, loads_every_tensor_that_a_variable_can_hold) {
  const test::small_model model;
  const loaded_checkpoint all = load_checkpoint(model.path(), "cpu:0");
  std::vector<std::string> names;
  for (const variable& v : all.variables.variables()) names.push_back(v.name());
  EXPECT_EQ(names, (std::vector<std::string>{"a/b", "a/w", "emb", "table"}));
  EXPECT_EQ(test::values_of<float>(*all.variables.find("emb")), test::counted<float>(30));
  EXPECT_EQ(all.variables.find("a/b")->type(), dtype::int32);
  EXPECT_TRUE(verify(all.variables).complete());
  ASSERT_EQ(all.left_out.size(), 1U);
  EXPECT_EQ(all.left_out[0].name, "names");
  EXPECT_FALSE(all.left_out[0].reason.empty());
  for (const unused_tensor& one : all.report.unused) EXPECT_EQ(one.tensor, "names");
}

TEST(load_checkpoint, lists_tensors_with_gaps_or_unusable_names) {
  const test::temporary_directory directory;
  test::bundle_writer writer;
  writer.tensor("good", dtype::uint8, {3}, "abc");
  writer.partitioned("gap", dtype::uint8, {10},
                     {{slice::parse("0,3"), "abc"}, {slice::parse("5,5"), "fghij"}});
  writer.tensor("v", dtype::uint8, {1}, "x");
  writer.tensor("x/", dtype::uint8, {1}, "y");
  writer.write(directory / "odd");
  const loaded_checkpoint all = load_checkpoint(directory / "odd", "cpu:0");
  EXPECT_TRUE(all.variables.find("good")->is_initialized());
  EXPECT_TRUE(all.variables.find("v")->is_initialized());
  ASSERT_EQ(all.left_out.size(), 2U);
  EXPECT_EQ(all.left_out[0].name, "gap");
  EXPECT_EQ(all.left_out[0].reason, "2 of its elements are not stored");
  EXPECT_EQ(all.left_out[1].name, "x/");
  EXPECT_EQ(all.left_out[1].reason, "its name is also the name of a scope");
}

TEST(load_checkpoint, an_absent_checkpoint_is_an_error) {
  EXPECT_EQ(
      test::error_of([] { return load_checkpoint("nowhere.safetensors", "cpu:0").report; }).code(),
      error_code::not_found);
}

}  // namespace
}  // namespace warmstart::detail

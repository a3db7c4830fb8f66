// Object-based checkpoints through the public interface.

#include <gtest/gtest.h>

#include <filesystem>

#include "support/object_based_model.hpp"
#include "support/paths.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::counted;
using test::value_key;
using test::values_of;

class object_based_test : public testing::Test {
 protected:
  test::object_based_model model_;
  variable_store vars_{"cpu:0"};
};

TEST_F(object_based_test, variables_are_loaded_by_full_name_path_and_scope) {
  const auto kernel = vars_.get_variable("kernel", {4, 3});
  const auto by_path = vars_.get_variable("by_path", {4, 3});
  const auto by_key = vars_.get_variable("by_key", {4, 3});
  const auto bias = vars_.get_variable("s/bias", {3}, {.partitioner = fixed_size_partitioner(3)});
  const auto slot = vars_.get_variable("slot", {4, 3});
  vars_.get_variable("s/kernel", {4, 3});
  const auto resolved = init_from_checkpoint(vars_, model_.path(),
                                             {{"dense/kernel", kernel},
                                              {"model/dense/kernel", by_path},
                                              {value_key("model/dense/kernel"), by_key},
                                              {"dense/", "s/"},
                                              {"Adam/m/dense/kernel", slot}});
  EXPECT_TRUE(resolved.ambiguous.empty());
  for (const auto& row : resolved.rows) {
    EXPECT_EQ(row.tensor.rfind("model/dense/", 0), 0U) << row.tensor;
    EXPECT_TRUE(row.tensor.ends_with("/.ATTRIBUTES/VARIABLE_VALUE")) << row.tensor;
  }
  const load_report report = run_initializers(vars_);
  for (const variable& one : {kernel, by_path, by_key, vars_.find("s/kernel").value()}) {
    EXPECT_EQ(values_of<float>(one), counted<float>(12)) << one.name();
  }
  EXPECT_EQ(values_of<float>(bias.parts()[2]), std::vector<float>{2});
  EXPECT_EQ(values_of<float>(slot), std::vector<float>(12, 1));
  // One tensor, however it was named: what is left are the graph and the two called `Variable`.
  EXPECT_EQ(report.unused.size(), 3U);
  EXPECT_TRUE(verify(vars_).complete());
}

TEST_F(object_based_test, a_shared_name_means_the_last_tensor_and_is_reported) {
  const auto v = vars_.get_variable("v", {2});
  const auto resolved = init_from_checkpoint(vars_, model_.path(), {{"Variable", v}});
  ASSERT_EQ(resolved.ambiguous.size(), 1U);
  EXPECT_EQ(resolved.ambiguous[0].name, "Variable");
  EXPECT_EQ(resolved.ambiguous[0].tensor, value_key("model/b"));
  EXPECT_EQ(resolved.ambiguous[0].others, 1);
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(v), (std::vector<float>{1, 1}));
}

TEST_F(object_based_test, the_reader_lists_and_accepts_every_name) {
  const auto source = checkpoint::open(model_.path());
  EXPECT_EQ(source.missing_names_reason(), "");
  for (const char* name : {"dense/kernel", "model/dense/kernel"}) {
    EXPECT_TRUE(source.has(name));
    EXPECT_EQ(source.info(name).name, value_key("model/dense/kernel"));
    EXPECT_EQ(source.read(name).bytes.size(), 48U);
  }
  EXPECT_FALSE(source.has("dense"));
  EXPECT_EQ(source.info("dense/kernel").full_name, "dense/kernel");
  EXPECT_FALSE(source.info("dense/kernel").slot);
  const auto slot = source.info("Adam/m/dense/kernel").slot;
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->name, "m");
  EXPECT_EQ(slot->variable, "dense/kernel");
  EXPECT_EQ(slot->optimizer, "opt");
  EXPECT_EQ(source.info("model/a").shadowed_by, value_key("model/b"));
  EXPECT_EQ(source.info("model/b").shadowed_by, "");
}

TEST_F(object_based_test, keys_and_paths_load_without_the_graph) {
  std::string data = test::read_file(model_.path() + ".data-00000-of-00001");
  data.back() = static_cast<char>(data.back() ^ 1);
  test::write_file(model_.path() + ".data-00000-of-00001", data);
  const auto a = vars_.get_variable("a", {4, 3});
  const auto b = vars_.get_variable("b", {3});
  const error bad = test::error_of([&] {
    return init_from_checkpoint(vars_, model_.path(), {{"Adam/m/dense/kernel", a}});
  });
  EXPECT_EQ(bad.code(), error_code::not_found);
  EXPECT_NE(std::string(bad.what()).find("names of variables are not known: "), std::string::npos)
      << bad.what();
  init_from_checkpoint(vars_, model_.path(),
                       {{value_key("model/dense/kernel"), a}, {"dense/bias", b}});
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(a), counted<float>(12));
  EXPECT_EQ(values_of<float>(b), counted<float>(3));
}

// TensorFlow's own: `kernel` and `bias` are the names of three variables each.
TEST(object_based_golden, a_saved_model_by_full_name) {
  const auto source = checkpoint::open(test::data_path("tensorflow/checkpoints/saved_model"));
  EXPECT_EQ(source.info("kernel").full_name, "kernel");
  EXPECT_EQ(source.read("bias").shape, (shape{4}));
  const auto object_based =
      checkpoint::open(test::data_path("tensorflow/checkpoints/object_based"));
  EXPECT_EQ(object_based.info("kernel").name, value_key("model/heads/1/kernel"));
  EXPECT_EQ(object_based.info("encoder/kernel").shadowed_by, value_key("model/heads/1/kernel"));
  EXPECT_EQ(object_based.info("save_counter").type, dtype::int64);
}

}  // namespace
}  // namespace warmstart::detail

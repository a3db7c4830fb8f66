#include "warmstart/read_back.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::error_of;
using testing::HasSubstr;

TEST(read_back, gives_the_bytes_of_parts_and_of_caller_memory) {
  const test::small_model model;
  variable_store vars("cpu:0");
  const variable table =
      vars.get_variable("table", {64, 8}, {.partitioner = fixed_size_partitioner(2, 1)});
  std::vector<float> own(24);
  const variable w =
      vars.wrap("w", {6, 4}, dtype::float32, own.data(), own.size() * sizeof(float), "cpu:0");
  init_from_checkpoint(vars, model.path(), {{"table", "table"}, {"a/w", "w"}});
  run_initializers(vars);
  const checkpoint from = checkpoint::open(model.path());
  EXPECT_EQ(read_back(w), from.read("a/w").bytes);
  engine kept;
  for (const variable& part : table.parts()) {
    EXPECT_EQ(read_back(part, 0, &kept), from.read("table", part.info().slice).bytes);
  }
  EXPECT_EQ(read_back(table), from.read("table").bytes);
}

TEST(read_back, refuses_variables_without_memory) {
  variable_store vars("cpu:0");
  const variable pending = vars.get_variable("pending", {3});
  const variable parts =
      vars.get_variable("parts", {4}, {.partitioner = fixed_size_partitioner(2)});
  EXPECT_TRUE(read_back(vars.get_variable("empty", {0, 3})).empty());
  EXPECT_THAT(error_of([&] { (void)read_back(pending); }).what(),
              HasSubstr("pending has no memory yet"));
  EXPECT_THAT(error_of([&] { (void)read_back(parts); }).what(),
              HasSubstr("parts/part_0 has no memory yet"));
  run_initializers(vars);
  EXPECT_EQ(read_back(pending).size(), 12U);
  EXPECT_THAT(error_of([&] { (void)read_back(pending, 1); }).what(),
              HasSubstr("has no replica 1; expected a number below 1"));
}

}  // namespace
}  // namespace warmstart::detail

#include <gtest/gtest.h>

#include "base/units.hpp"
#include "support/process_state.hpp"
#include "support/small_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

void load_verify_and_drop(const test::small_model& model, engine* on) {
  variable_store vars("cpu:0");
  const auto w = vars.get_variable("w", {6, 4});
  const auto emb = vars.get_variable("emb", {10, 3}, {.partitioner = fixed_size_partitioner(3)});
  const auto half = vars.get_variable("half", {64, 8}, {.type = dtype::float16});
  vars.get_variable("zeros", {1000});
  init_from_checkpoint(vars, model.path(), {{"a/w", w}, {"emb", emb}, {"table", half}},
                       {.cast = true});
  run_initializers(vars, {.engine = on});
  ASSERT_TRUE(verify(vars, on).complete());
  ASSERT_EQ(test::values_of<float>(w), test::counted<float>(24));
}

TEST(repeated_loads, keep_memory_threads_and_descriptors_flat) {
  const test::small_model model;
  const auto descriptors = test::descriptor_count();
  engine kept({.reader_threads = 2});
  load_verify_and_drop(model, &kept);
  const auto threads = test::thread_count();
  std::int64_t resident = 0;
  for (int i = 0; i < 1000; ++i) {
    load_verify_and_drop(model, i % 4 == 0 ? nullptr : &kept);
    if (i == 100) resident = test::resident_set_bytes();
  }
  EXPECT_EQ(test::thread_count(), threads);
  EXPECT_EQ(test::descriptor_count(), descriptors);
  if (!test::freed_memory_is_kept) {
    EXPECT_LT(test::resident_set_bytes(), resident + mebibyte);
  }
}

}  // namespace
}  // namespace warmstart::detail

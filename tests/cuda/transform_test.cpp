// Transforms on CUDA devices: the same kernels as for any load, with the boxes that they leave.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "cuda/gpus.hpp"
#include "support/random_transforms.hpp"

namespace warmstart::detail {
namespace {

TEST(transforms_on_cuda, random_transforms_agree_with_element_loops) {
  test::random_transforms({"cuda:0"}, 5).run(20);
}

TEST(transforms_on_cuda, random_transforms_agree_across_devices_and_the_host) {
  test::random_transforms(test::gpus_around_host(), 6).run(20);
}

TEST(transforms_on_cuda, random_transforms_agree_from_mapped_slots) {
  std::vector<device> gpus = test::first_gpus(2);
  std::ranges::reverse(gpus);
  test::random_transforms(gpus, 7).run(15, {.scatter = load_options::scatter_source::mapped});
}

TEST(transforms_on_cuda, random_transforms_agree_run_by_run) {
  test::random_transforms(test::first_gpus(2), 8).run(15, {.min_run_bytes = 1});
}

// Near gaps are made together, and what lies between is loaded over.
TEST(transforms_on_cuda, gaps_between_rows_are_filled_and_nothing_else) {
  const test::small_model model;
  variable_store vars{"cuda:0"};
  remap every_other;
  for (std::int64_t row = 0; row < 64; ++row)
    every_other.indices.push_back(row % 2 == 0 ? row : -1);
  const variable_options options{.initializer = uniform(-9, -1, 7)};
  const variable v = vars.get_variable("v", {64, 8}, options);
  const variable own = vars.get_variable("own", {64, 8}, options);
  init_from_checkpoint(vars, model.path(), {{"table", v, {.rows = every_other}}});
  run_initializers(vars);
  EXPECT_TRUE(verify(vars).complete());
  const auto values = [](const variable& of) {
    std::vector<float> made(512);
    const std::vector<std::byte> bytes = read_back(of);
    std::memcpy(made.data(), bytes.data(), bytes.size());
    return made;
  };
  const std::vector<float> found = values(v);
  const std::vector<float> made = values(own);
  for (std::size_t i = 0; i < 512; ++i) {
    EXPECT_EQ(found[i], i / 8 % 2 == 0 ? static_cast<float>(i) : made[i]);
  }
}

}  // namespace
}  // namespace warmstart::detail

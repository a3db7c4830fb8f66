#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"
#include "warmstart/initializer.hpp"
#include "warmstart/run.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart::detail {
namespace {

fill_spec spec(const initializer& init, const shape& of, const std::string& name = "v") {
  return resolve_initializer(init, name, of);
}

TEST(initializers, constants) {
  EXPECT_EQ(spec(zeros(), {2}).a, 0);
  EXPECT_EQ(spec(ones(), {2}).a, 1);
  EXPECT_EQ(spec(constant(2.5), {2}).a, 2.5);
}

TEST(initializers, glorot_has_tensorflows_fans) {
  const auto limit = [](const shape& of) { return spec(glorot_uniform(), of).b; };
  EXPECT_DOUBLE_EQ(limit({}), std::sqrt(3.0));
  EXPECT_DOUBLE_EQ(limit({8}), std::sqrt(6.0 / 16));
  EXPECT_DOUBLE_EQ(limit({3, 5}), std::sqrt(6.0 / 8));
  EXPECT_DOUBLE_EQ(limit({3, 3, 4, 6}), std::sqrt(6.0 / (9 * 10)));
  EXPECT_EQ(spec(glorot_uniform(), {3, 5}).a, -limit({3, 5}));
  const fill_spec normal = spec(glorot_normal(), {3, 5});
  EXPECT_EQ(normal.kind, fill_spec::distribution::truncated_normal);
  EXPECT_DOUBLE_EQ(normal.b, std::sqrt(2.0 / 8) / 0.87962566103423978);
}

TEST(initializers, a_missing_seed_comes_from_the_name) {
  EXPECT_EQ(spec(normal(), {2}, "a").seed, spec(normal(), {2}, "a").seed);
  EXPECT_NE(spec(normal(), {2}, "a").seed, spec(normal(), {2}, "b").seed);
  EXPECT_EQ(spec(normal(0, 1, 7), {2}, "a").seed, 7U);
}

TEST(initializers, invalid_arguments_are_refused) {
  variable_store vars{"cpu:0"};
  const auto refused = [&](const initializer& init, dtype type) {
    try {
      vars.get_variable("v", {2}, {.type = type, .initializer = init});
    } catch (const error& bad) {
      return bad.code() == error_code::invalid_argument;
    }
    return false;
  };
  EXPECT_TRUE(refused(uniform(1, 1), dtype::float32));
  EXPECT_TRUE(refused(normal(0, -1), dtype::float32));
  EXPECT_TRUE(refused(normal(0, std::nan("")), dtype::float32));
  EXPECT_TRUE(refused(truncated_normal(), dtype::int32));
  EXPECT_TRUE(refused(constant(0.5), dtype::int32));
  EXPECT_TRUE(refused(constant(300), dtype::uint8));
  EXPECT_TRUE(vars.variables().empty());
}

// Partitions do not change the values, whatever the initializer.
TEST(initializers, a_partition_has_the_values_of_the_whole) {
  for (const initializer& init : {uniform(-1, 1, 3), normal(0, 1, 3), truncated_normal(0, 1, 3),
                                  glorot_uniform(3), glorot_normal(3)}) {
    variable_store vars{"cpu:0"};
    const auto whole = vars.get_variable("whole", {7, 9}, {.initializer = init});
    const auto cut = vars.get_variable(
        "cut", {7, 9}, {.initializer = init, .partitioner = fixed_size_partitioner(4, 1)});
    run_initializers(vars);
    const auto* expected = static_cast<const float*>(whole.data());
    for (const variable& part : cut.parts()) {
      const slice where = part.info().slice;
      const auto* found = static_cast<const float*>(part.data());
      for (std::int64_t row = 0; row < 7; ++row) {
        EXPECT_EQ(std::memcmp(found + row * where[1].length, expected + row * 9 + where[1].start,
                              static_cast<std::size_t>(where[1].length) * sizeof(float)),
                  0)
            << name_of(init.type) << ' ' << part.name();
      }
    }
  }
}

TEST(initializers, names) {
  EXPECT_EQ(name_of(initializer::kind::truncated_normal), "truncated_normal");
  EXPECT_EQ(name_of(zeros().type), "zeros");
}

}  // namespace
}  // namespace warmstart::detail

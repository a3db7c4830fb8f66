#include "warmstart/partitioner.hpp"

#include <gtest/gtest.h>

#include "variables/partition.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using counts = std::vector<std::int64_t>;

counts ask(const partitioner& p, const shape& of, dtype type = dtype::float32) {
  return count_parts(p, "v", of, type);
}

error_code refusal(const partitioner& p, const shape& of) {
  try {
    (void)ask(p, of);
  } catch (const error& bad) {
    return bad.code();
  }
  return error_code::cancelled;
}

std::string parts(const shape& of, const counts& n) {
  std::string text;
  for (const slice& part : cut_into_parts(of, n)) {
    text += (text.empty() ? "" : " ") + to_string(part);
  }
  return text;
}

TEST(partitioners, vast_dimensions_are_partitioned) {
  const auto vast = [](const partitioner& p) { return ask(p, {INT64_MAX}, dtype::uint8); };
  EXPECT_EQ(vast(variable_axis_size_partitioner(1, 0, 3)), counts{3});
  EXPECT_EQ(vast(min_max_variable_partitioner(3, 0, 1)), counts{3});
  EXPECT_EQ(vast(fixed_size_partitioner(1 << 20)), counts{1 << 20});
  EXPECT_THROW((void)vast(variable_axis_size_partitioner(1)), error);
  EXPECT_THROW((void)vast(fixed_size_partitioner(INT64_MAX)), error);
}

TEST(fixed_size_partitioner, makes_at_most_one_part_per_index) {
  EXPECT_EQ(ask(fixed_size_partitioner(5), {100, 100}), (counts{5, 1}));
  EXPECT_EQ(ask(fixed_size_partitioner(5, 1), {100, 100}), (counts{1, 5}));
  EXPECT_EQ(ask(fixed_size_partitioner(5), {3}), counts{3});
  EXPECT_EQ(ask(fixed_size_partitioner(1), {3}), counts{1});
  EXPECT_EQ(refusal(fixed_size_partitioner(5, 2), {3, 3}), error_code::invalid_argument);
}

TEST(variable_axis_size_partitioner, worked_examples) {
  EXPECT_EQ(ask(variable_axis_size_partitioner(64), {4, 8}), (counts{2, 1}));
  EXPECT_EQ(ask(variable_axis_size_partitioner(65536), {4, 8, 16, 32}), (counts{1, 1, 1, 1}));
  EXPECT_EQ(ask(variable_axis_size_partitioner(65536, 0, 5), {64, 8, 16, 32}),
            (counts{5, 1, 1, 1}));
  EXPECT_EQ(ask(variable_axis_size_partitioner(1), {4, 8}), (counts{4, 1}));
  EXPECT_EQ(ask(variable_axis_size_partitioner(64, 0, 0), {4, 8}), (counts{2, 1}));  // no limit
}

TEST(variable_axis_size_partitioner, invalid_arguments_are_refused) {
  EXPECT_EQ(refusal(variable_axis_size_partitioner(64), {4, 0}), error_code::invalid_argument);
  EXPECT_EQ(refusal(variable_axis_size_partitioner(64, 1), {4}), error_code::invalid_argument);
  EXPECT_THROW((void)variable_axis_size_partitioner(0), error);
  EXPECT_THROW((void)variable_axis_size_partitioner(64, 0, -1), error);
}

TEST(min_max_variable_partitioner, worked_examples) {
  EXPECT_EQ(ask(min_max_variable_partitioner(5, 0, 8192), {100, 100}), (counts{5, 1}));
  EXPECT_EQ(ask(min_max_variable_partitioner(5, 0, 16384), {100, 100}), (counts{3, 1}));
  EXPECT_EQ(ask(min_max_variable_partitioner(1000, 0, 256 << 10), {1024, 1024}), (counts{16, 1}));
  EXPECT_EQ(ask(min_max_variable_partitioner(), {1024, 1024}), (counts{1, 1}));
  EXPECT_EQ(refusal(min_max_variable_partitioner(5, 1), {100}), error_code::invalid_argument);
}

TEST(partition, lengths_differ_by_one_at_most_the_longer_first) {
  EXPECT_EQ(parts({100}, {3}), "0,34 34,33 67,33");
  EXPECT_EQ(parts({30522}, {4}), "0,7631 7631,7631 15262,7630 22892,7630");
  EXPECT_EQ(parts({5, 2}, {2, 1}), "0,3:0,2 3,2:0,2");
  EXPECT_EQ(parts({2, 5}, {1, 2}), "0,2:0,3 0,2:3,2");
  EXPECT_EQ(parts({4, 4}, {1, 1}), "0,4:0,4");
}

TEST(partition, answers_that_do_not_fit_are_refused) {
  for (const counts& bad :
       {counts{5}, counts{1, 1, 1}, counts{0, 1}, counts{-1, 1}, counts{2, 2}, counts{5, 1}}) {
    EXPECT_EQ(refusal(explicit_partitioner(bad), {4, 4}), error_code::invalid_argument);
  }
  EXPECT_EQ(refusal(explicit_partitioner({1, 1}), {0, 4}), error_code::invalid_argument);
  EXPECT_EQ(ask(explicit_partitioner({4, 1}), {4, 4}), (counts{4, 1}));
}

}  // namespace
}  // namespace warmstart::detail

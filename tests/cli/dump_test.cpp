#include "cli/dump.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail::cli {
namespace {

std::vector<std::string> files_of(const variable_store& store) {
  std::vector<std::string> files;
  for (const dumped_row& row : plan_dump(store)) files.push_back(row.file);
  return files;
}

TEST(dump, files_are_named_after_variables_and_devices) {
  variable_store vars{"cpu:0"};
  vars.get_variable("s/a", {2}, {.placement = replicated({"cpu:0", "cuda:1"})});
  vars.get_variable("b", {4}, {.partitioner = fixed_size_partitioner(2)});
  EXPECT_EQ(files_of(vars), (std::vector<std::string>{"s%2Fa.cpu%3A0.npy", "s%2Fa.cuda%3A1.npy",
                                                      "b%2Fpart_0.npy", "b%2Fpart_1.npy"}));
}

TEST(dump, rows_do_not_share_a_file) {
  variable_store vars{"cpu:0"};
  vars.get_variable("a", {2}, {.placement = replicated({"cpu:0", "cuda:0"})});
  vars.get_variable("a.cuda:1", {2});
  EXPECT_EQ(files_of(vars).size(), 3U);
  vars.get_variable("a.cuda:0", {2});
  const error bad = test::error_of([&] { return plan_dump(vars); });
  EXPECT_EQ(bad.code(), error_code::invalid_argument);
  EXPECT_EQ(bad.problems().size(), 1U);
  EXPECT_STREQ(bad.what(),
               "cannot dump a on cuda:0 and a.cuda:0 on cpu:0 to the same file a.cuda%3A0.npy: "
               "rename one of them");
}

TEST(dump, holds_every_row) {
  variable_store vars{"cpu:0"};
  vars.get_variable("a", {2}, {.initializer = ones()});
  vars.get_variable("b", {4}, {.initializer = ones(), .partitioner = fixed_size_partitioner(2)});
  run_initializers(vars);
  const test::temporary_directory scratch;
  write_dump(plan_dump(vars), scratch.str());
  for (const std::string name : {"a.npy", "b%2Fpart_0.npy", "b%2Fpart_1.npy"}) {
    const std::string found = test::read_file(scratch / name);
    EXPECT_THAT(found, testing::EndsWith(test::bytes_of(std::vector<float>{1, 1}))) << name;
  }
}

}  // namespace
}  // namespace warmstart::detail::cli

// The answers of TensorFlow and of other packages to jobs, compared with ours: through the library
// and the program.

#include "integration/golden_jobs.hpp"

#include <gtest/gtest.h>

#include "support/program.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

using nlohmann::json;
using test::golden_job_path;

json run_in_program(const std::string& name, int& exit_code) {
  const auto result = test::run_warmstart(
      {"run", golden_job_path(name), "--json", "--verify", "--device", "cpu:0"});
  EXPECT_EQ(result.err, "");
  exit_code = result.exit_code;
  return json::parse(result.out);
}

class golden_job : public testing::TestWithParam<std::string> {};

TEST_P(golden_job, agrees_in_the_library) {
  const json expected = test::golden_expectation(GetParam());
  using io = load_options::io_mode;
  for (const io how : {io::automatic, io::mapped}) {
    const json answer = test::run_in_library(GetParam(), [](cli::job&) {}, {.io = how});
    EXPECT_EQ(test::comparable(answer, expected), test::comparable_expectation(expected)) << answer;
  }
}

TEST_P(golden_job, agrees_in_the_program) {
  const json expected = test::golden_expectation(GetParam());
  int exit_code = -1;
  const json answer = run_in_program(GetParam(), exit_code);
  EXPECT_EQ(test::comparable(answer, expected), test::comparable_expectation(expected)) << answer;
  EXPECT_EQ(exit_code, expected.at("status") == "ok" ? 0 : 1);
  EXPECT_EQ(answer.value("verified", false), expected.at("status") == "ok") << answer;
}

INSTANTIATE_TEST_SUITE_P(tensorflow, golden_job,
                         testing::ValuesIn(test::golden_job_names("tensorflow")),
                         test::golden_test_name);
INSTANTIATE_TEST_SUITE_P(formats, golden_job, testing::ValuesIn(test::golden_job_names("formats")),
                         test::golden_test_name);
INSTANTIATE_TEST_SUITE_P(transforms, golden_job,
                         testing::ValuesIn(test::golden_job_names("transforms")),
                         test::golden_test_name);
INSTANTIATE_TEST_SUITE_P(bert, golden_job, testing::ValuesIn(test::golden_job_names("bert")),
                         test::golden_test_name);

TEST(golden_jobs, rows_name_their_entry_and_their_box_in_the_variable) {
  int exit_code = -1;
  const json answer = run_in_program("transforms/all_of_it_parts", exit_code);
  const json entry = {
      {"slice", {{2, 9}, {0, 20}}}, {"reshape", {9, 5, 4}}, {"transpose", {2, 0, 1}}, {"to", "v"}};
  const json& rows = answer.at("variables");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].at("initialized_from"), (json{{"checkpoint", "../checkpoints/net/model.ckpt"},
                                                  {"tensor", "dense/kernel"},
                                                  {"slice", "2,2:0,9:0,5"},
                                                  {"entry", entry}}));
  EXPECT_EQ(rows[1].at("verified"), "loaded");
  const json named = run_in_program("transforms/pattern", exit_code);
  for (const json& row : named.at("variables")) {
    const bool transposed = row.at("name").get<std::string>().ends_with("w");
    EXPECT_EQ(row.at("initialized_from").contains("entry"), transposed) << row;
  }
}

// What `warmstart map` proposes is a map that runs, transposes included.
TEST(golden_jobs, a_proposed_map_loads_the_same_as_the_written_one) {
  const std::string checkpoint = test::GOLDEN_DIRECTORY + "/bert/checkpoints/model.safetensors";
  const auto proposed =
      test::run_warmstart({"map", checkpoint, golden_job_path("bert/bert"), "--json"});
  json job = json::parse(test::read_file(golden_job_path("bert/bert")));
  job["initialize"] = {{{"checkpoint", checkpoint},
                        {"assignment_map", json::parse(proposed.out).at("assignment_map")}}};
  const test::temporary_directory scratch;
  test::write_file(scratch / "job.json", job.dump());
  const auto result =
      test::run_warmstart({"run", scratch / "job.json", "--json", "--verify", "--device", "cpu:0"});
  const json expected = test::golden_expectation("bert/bert");
  EXPECT_EQ(test::comparable(json::parse(result.out), expected),
            test::comparable_expectation(expected));
}

TEST(golden_jobs, all_golden_jobs_are_present) {
  EXPECT_EQ(test::golden_job_names("tensorflow").size(), 122U);
  EXPECT_EQ(test::golden_job_names("formats").size(), 377U);
  EXPECT_EQ(test::golden_job_names("transforms").size(), 34U);
  EXPECT_EQ(test::golden_job_names("bert").size(), 2U);
}

}  // namespace
}  // namespace warmstart::detail

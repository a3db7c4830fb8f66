// TensorFlow's own answers to 122 jobs, compared with ours: through the library and the program.

#include "integration/golden_jobs.hpp"

#include <gtest/gtest.h>

#include "cli/job.hpp"
#include "cli/output.hpp"
#include "support/program.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart {
namespace {

using nlohmann::json;
using test::golden_job_path;

json run_in_library(const std::string& name) {
  try {
    const cli::resolved_job job =
        cli::resolve_job(cli::read_job(golden_job_path(name)), device::host());
    variable_store store = job.store;
    run_initializers(store);
    const verification_report resident = verify(store);
    EXPECT_TRUE(resident.complete());
    json answer = {{"status", "ok"}, {"variables", json::array()}};
    for (const verified_row& row : resident.rows) {
      const variable v = store.find(row.variable).value();
      answer["variables"].push_back({{"name", v.name()},
                                     {"dtype", name_of(v.type())},
                                     {"shape", v.own_shape().sizes()},
                                     {"crc32c", cli::hex(row.crc32c)}});
    }
    return answer;
  } catch (const error& bad) {
    json answer = {{"status", "error"}, {"errors", json::array()}};
    for (const problem& one : bad.problems()) {
      answer["errors"].push_back({{"code", to_string(one.code)}, {"message", one.message}});
    }
    return answer;
  }
}

json run_in_program(const std::string& name, int& exit_code) {
  const auto result = test::run_warmstart(
      {"run", golden_job_path(name), "--json", "--verify", "--device", "cpu:0"});
  EXPECT_EQ(result.err, "");
  exit_code = result.exit_code;
  return json::parse(result.out);
}

std::vector<std::string> compared_jobs() {
  std::vector<std::string> names = test::golden_job_names();
  std::erase_if(names, [](const auto& name) { return test::LEFT_OUT_JOBS.contains(name); });
  return names;
}

std::string as_is(const testing::TestParamInfo<std::string>& name) {
  return name.param;
}

class golden_job : public testing::TestWithParam<std::string> {};

TEST_P(golden_job, agrees_in_the_library) {
  const json expected = test::golden_expectation(GetParam());
  const json answer = run_in_library(GetParam());
  EXPECT_EQ(test::comparable(answer, expected), test::comparable_expectation(expected)) << answer;
}

TEST_P(golden_job, agrees_in_the_program) {
  const json expected = test::golden_expectation(GetParam());
  int exit_code = -1;
  const json answer = run_in_program(GetParam(), exit_code);
  EXPECT_EQ(test::comparable(answer, expected), test::comparable_expectation(expected)) << answer;
  EXPECT_EQ(exit_code, expected.at("status") == "ok" ? 0 : 1);
  EXPECT_EQ(answer.value("verified", false), expected.at("status") == "ok") << answer;
}

INSTANTIATE_TEST_SUITE_P(tensorflow, golden_job, testing::ValuesIn(compared_jobs()), as_is);

TEST(golden_jobs, none_is_missing) {
  const auto names = test::golden_job_names();
  EXPECT_EQ(names.size(), 122U);
  for (const std::string& left_out : test::LEFT_OUT_JOBS) {
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), left_out)) << left_out;
  }
}

TEST(golden_jobs, what_is_left_out_ends_in_a_clear_error) {
  for (const std::string& name : test::LEFT_OUT_JOBS) {
    int exit_code = -1;
    const json answer = run_in_program(name, exit_code);
    EXPECT_EQ(answer.at("status"), "error") << name;
    EXPECT_EQ(exit_code, 1) << name;
  }
}

}  // namespace
}  // namespace warmstart

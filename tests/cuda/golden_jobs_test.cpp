// Runs all golden jobs on CUDA devices, and on several devices and the host together.

#include "integration/golden_jobs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cuda/gpus.hpp"

namespace warmstart::detail {
namespace {

using nlohmann::json;

void expect_agreement(const std::string& name, const json& answer) {
  const json expected = test::golden_expectation(name);
  EXPECT_EQ(test::comparable(answer, expected), test::comparable_expectation(expected)) << answer;
}

void on_one_device(cli::job& of) {
  of.default_device = device("cuda:0");
}

// Variables and parts in turn on the host and on two devices, if there are two.
void mixed(cli::job& of) {
  const std::vector<device> devices = test::gpus_around_host();
  for (std::size_t i = 0; i < of.variables.size(); ++i) {
    std::vector<device> order = devices;
    std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(i % order.size()),
                order.end());
    of.variables[i].options.placement = round_robin(order);
  }
}

// Everything on these devices and the host.
void everywhere(cli::job& of) {
  std::vector<device> order = test::gpus_around_host();
  std::ranges::reverse(order);
  for (auto& one : of.variables) {
    one.options.placement = replicated(order);
  }
}

class golden_job_on_cuda : public testing::TestWithParam<std::string> {};

TEST_P(golden_job_on_cuda, agrees_on_a_device) {
  expect_agreement(GetParam(), test::run_in_library(GetParam(), on_one_device));
}

TEST_P(golden_job_on_cuda, agrees_with_mixed_placement) {
  expect_agreement(GetParam(), test::run_in_library(GetParam(), mixed));
}

TEST_P(golden_job_on_cuda, agrees_where_kernels_read_slots_themselves) {
  expect_agreement(GetParam(),
                   test::run_in_library(GetParam(), on_one_device,
                                        {.scatter = load_options::scatter_source::mapped}));
}

TEST_P(golden_job_on_cuda, agrees_where_every_run_is_a_copy_of_its_own) {
  expect_agreement(GetParam(),
                   test::run_in_library(GetParam(), on_one_device, {.min_run_bytes = 1}));
}

TEST_P(golden_job_on_cuda, replicas_are_the_same_everywhere) {
  const json expected = test::golden_expectation(GetParam());
  if (expected.at("status") != "ok") return;
  const json answer = test::run_in_library(GetParam(), everywhere);
  ASSERT_EQ(answer.at("status"), "ok") << answer;
  const json& rows = answer.at("variables");
  const std::size_t replicas = test::gpus_around_host().size();
  ASSERT_EQ(rows.size(), replicas * expected.at("variables").size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("crc32c"), expected.at("variables")[i / replicas].at("crc32c")) << rows[i];
  }
}

INSTANTIATE_TEST_SUITE_P(tensorflow, golden_job_on_cuda,
                         testing::ValuesIn(test::golden_job_names("tensorflow")),
                         test::golden_test_name);
INSTANTIATE_TEST_SUITE_P(formats, golden_job_on_cuda,
                         testing::ValuesIn(test::golden_job_names("formats")),
                         test::golden_test_name);
INSTANTIATE_TEST_SUITE_P(transforms, golden_job_on_cuda,
                         testing::ValuesIn(test::golden_job_names("transforms")),
                         test::golden_test_name);
INSTANTIATE_TEST_SUITE_P(bert, golden_job_on_cuda,
                         testing::ValuesIn(test::golden_job_names("bert")), test::golden_test_name);

}  // namespace
}  // namespace warmstart::detail

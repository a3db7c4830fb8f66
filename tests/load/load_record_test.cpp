#include "load/load_record.hpp"

#include <gtest/gtest.h>

#include "support/small_model.hpp"
#include "variables/variable_state.hpp"

namespace warmstart::detail {
namespace {

class load_record_test : public testing::Test {
 protected:
  /// Its rows 0 and 1 are `w`, which takes `a/w` as it is; row 2, `half`, takes some of a piece of
  /// `emb`.
  const load_record& record_of_run(const load_options& options = {}) {
    vars_.get_variable("w", {6, 4}, {.partitioner = fixed_size_partitioner(2)});
    vars_.get_variable("half", {2, 3});
    init_from_checkpoint(vars_, model_.path(),
                         {{"a/w", "w"}, {"emb", "half", {.slice = {{1, 2}, {0, 3}}}}});
    run_initializers(vars_, options);
    return *detail::record_of(*state().rows[0].replica);
  }
  [[nodiscard]] store_state& state() const { return variable_access::state(vars_); }

  test::small_model model_;
  variable_store vars_{"cpu:0"};
};

TEST_F(load_record_test, keeps_only_demands_and_extents_that_checks_need) {
  const load_record& record = record_of_run();
  const transfer_plan& plan = record.plan;
  EXPECT_EQ(plan.row_checks,
            (std::vector<row_check>{row_check::stored, row_check::stored, row_check::loaded}));
  ASSERT_EQ(plan.checks.size(), 1U);
  ASSERT_EQ(plan.demands.size(), 2U);
  EXPECT_EQ(plan.demands[0].row, 0U);
  EXPECT_EQ(plan.demands[1].row, 1U);
  ASSERT_EQ(plan.extents.size(), 1U);
  EXPECT_EQ(plan.extents[0].tensor, "a/w");
  ASSERT_EQ(plan.files.size(), 1U);
  EXPECT_EQ(plan.files[plan.extents[0].file].path, model_.data_path());
  EXPECT_TRUE(plan.chunks.empty());
  EXPECT_TRUE(plan.segments.empty());
  EXPECT_EQ(record.expected.size(), 3U);
  EXPECT_TRUE(verify(vars_).complete());
}

TEST_F(load_record_test, keeps_only_stored_checks_without_verification) {
  const load_record& record = record_of_run({.verifiable = false});
  EXPECT_EQ(record.plan.row_checks,
            (std::vector<row_check>{row_check::stored, row_check::stored, row_check::none}));
  EXPECT_EQ(record.plan.demands.size(), 2U);
  EXPECT_TRUE(record.expected.empty());
}

TEST_F(load_record_test, keeps_nothing_of_a_plan_without_checks) {
  transfer_plan plan;
  plan.files.resize(3);
  plan.extents.resize(3);
  plan.demands.resize(3);
  plan.row_checks = {row_check::none};
  const load_record record = make_load_record(plan, {1});
  EXPECT_TRUE(record.plan.files.empty());
  EXPECT_TRUE(record.plan.extents.empty());
  EXPECT_TRUE(record.plan.demands.empty());
  EXPECT_TRUE(record.expected.empty());
  EXPECT_EQ(record.plan.row_checks, plan.row_checks);
}

TEST_F(load_record_test, renumbers_what_it_keeps) {
  transfer_plan plan;
  plan.files = {{.path = "a"}, {.path = "b"}};
  plan.extents.resize(4);
  for (std::uint32_t i = 0; i < 4; ++i) plan.extents[i] = {.file = i / 2, .size_bytes = i};
  plan.demands.resize(5);
  const std::uint32_t extent_of[] = {0, 1, 3, 3, 2};
  for (std::uint32_t i = 0; i < 5; ++i) plan.demands[i] = {.row = i, .extent = extent_of[i]};
  plan.checks = {{.extent = 2, .demands = {0, 1}}, {.extent = 3, .demands = {1, 3}}};
  plan.check_demands = {4, 3, 2};
  const transfer_plan kept = make_load_record(plan, {}).plan;
  ASSERT_EQ(kept.files.size(), 1U);
  EXPECT_EQ(kept.files[0].path, "b");
  ASSERT_EQ(kept.extents.size(), 2U);
  ASSERT_EQ(kept.checks.size(), 2U);
  const std::uint32_t rows[] = {4, 3, 2};
  std::size_t next = 0;
  for (std::size_t i = 0; i < kept.checks.size(); ++i) {
    EXPECT_EQ(kept.extents[kept.checks[i].extent].size_bytes, static_cast<std::int64_t>(2 + i));
    EXPECT_EQ(kept.extents[kept.checks[i].extent].file, 0U);
    for (const std::uint32_t d : transfer_plan::part(kept.check_demands, kept.checks[i].demands)) {
      EXPECT_EQ(kept.demands[d].row, rows[next++]);
      EXPECT_EQ(kept.demands[d].extent, kept.checks[i].extent);
    }
  }
  EXPECT_EQ(next, 3U);
}

// However large the checkpoint is that one variable came from.
TEST_F(load_record_test, catalogs_do_not_outlive_the_run) {
  vars_.get_variable("w", {6, 4});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}});
  const std::weak_ptr<const catalog> source = state().rows[0].part->load->source;
  EXPECT_FALSE(source.expired());
  run_initializers(vars_);
  EXPECT_TRUE(source.expired());
  EXPECT_TRUE(verify(vars_).complete());
}

// A load that failed can be run again.
TEST_F(load_record_test, catalogs_outlive_a_run_that_fails) {
  const auto w = vars_.get_variable("w", {6, 4});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}});
  EXPECT_EQ(test::error_of([&] { return run_initializers(vars_, {.budget_bytes = 1}); }).code(),
            error_code::out_of_memory);
  run_initializers(vars_);
  EXPECT_EQ(test::values_of<float>(w), test::counted<float>(24));
}

}  // namespace
}  // namespace warmstart::detail

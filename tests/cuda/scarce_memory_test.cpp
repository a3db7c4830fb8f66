// Less memory than a load wants: for staging a smaller ring, or an error that says what would do;
// for variables an error that leaves nothing behind.

#include <cuda_runtime_api.h>
#include <cudaemu.h>
#include <gtest/gtest.h>

#include <charconv>

#include "cuda/cuda_model.hpp"
#include "engine/backend.hpp"
#include "warmstart/testing/memory.hpp"

namespace warmstart::detail {
namespace {

class staging_limit : public testing::Test {
 protected:
  void SetUp() override {
    if (cudaemu_present() == 0) GTEST_SKIP() << "the emulator limits memory";
  }
  void TearDown() override {
    if (cudaemu_present() != 0) cudaemu_limit_pinned_memory(0);
  }

  [[nodiscard]] variable_store make() const { return model_.make({"cuda:0", "cuda:1"}); }

  const test::cuda_model model_;
};

TEST_F(staging_limit, less_pinned_memory_makes_a_smaller_ring) {
  variable_store plenty = make();
  const std::int64_t planned = make_plan(plenty).staging_bytes;
  EXPECT_EQ(run_initializers(plenty).staging_bytes, planned);
  for (const std::int64_t limit : {planned / 4, std::int64_t{200'000}}) {
    cudaemu_limit_pinned_memory(static_cast<std::uint64_t>(limit));
    variable_store vars = make();
    const load_report report = run_initializers(vars);
    EXPECT_LT(report.staging_bytes, planned) << limit;
    EXPECT_GT(report.staging_bytes, limit / 4) << "much smaller than it had to be";
    EXPECT_TRUE(verify(vars).complete()) << limit;
  }
}

// Each device's mirrors in turn are refused what they want at first.
TEST_F(staging_limit, less_device_memory_makes_a_smaller_ring) {
  int refused = 0;
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 100);
    variable_store vars = make();
    const load_options options{.min_run_bytes = std::int64_t{1} << 40};
    const std::int64_t planned = make_plan(vars, options).staging_bytes;
    run_initializers(vars);  // so that variables have their memory
    model_.init(vars);
    ASSERT_EQ(cudaemu_fail("cudaMallocFromPoolAsync", n, cudaErrorMemoryAllocation), 0);
    const std::int64_t used = run_initializers(vars, options).staging_bytes;
    cudaemu_clear_faults();
    EXPECT_TRUE(verify(vars).complete()) << n;
    if (used == planned) break;
    EXPECT_LT(used, planned);
    ++refused;
  }
  EXPECT_EQ(refused, 2);
}

TEST_F(staging_limit, an_error_says_how_much_would_do) {
  variable_store vars = make();
  cudaemu_limit_pinned_memory(10'000);
  std::string text;
  try {
    run_initializers(vars);
  } catch (const error& refused) {
    EXPECT_EQ(refused.code(), error_code::out_of_memory);
    text = refused.what();
  }
  EXPECT_NE(text.find("cudaHostAlloc"), std::string::npos) << text;
  const std::size_t end = text.find(" bytes of staging memory are needed");
  ASSERT_NE(end, std::string::npos) << text;
  const std::size_t begin = text.rfind(' ', end - 1) + 1;
  std::int64_t enough = 0;
  std::from_chars(text.data() + begin, text.data() + end, enough);
  for (const variable& v : vars.variables()) {
    for (const variable& part : v.parts()) EXPECT_FALSE(part.is_initialized()) << part.name();
  }
  ASSERT_GT(enough, 10'000);
  cudaemu_limit_pinned_memory(static_cast<std::uint64_t>(enough));
  run_initializers(vars);
  EXPECT_TRUE(verify(vars).complete());
}

// Each allocation of a variable's memory on two devices, the other ones given back.
TEST(variable_memory, that_ends_in_the_middle_leaves_nothing_behind) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  const test::cuda_model model;
  const auto tracked = std::make_shared<testkit::tracking_memory>();
  const auto failing = std::make_shared<testkit::failing_memory>(tracked);
  variable_store vars("cuda:0", failing);
  for (const char* name : {"columns", "columns again"}) {
    vars.get_variable(name, {150, 400},
                      {.partitioner = fixed_size_partitioner(2, 1),
                       .placement = replicated({"cuda:0", "cuda:1"})});
    init_from_checkpoint(vars, model.path(), {{"columns", name}});
  }
  constexpr std::size_t ALLOCATIONS = 8;
  for (std::size_t n = 1; n <= ALLOCATIONS; ++n) {
    failing->fail_at(n);
    EXPECT_THROW(run_initializers(vars, test::small_chunks()), error) << n;
    EXPECT_TRUE(failing->failed()) << n;
    EXPECT_TRUE(tracked->live().empty()) << n;
    for (const variable& part : vars.find("columns")->parts()) {
      EXPECT_FALSE(part.is_initialized(0));
      EXPECT_FALSE(part.is_initialized(1));
    }
  }
  failing->fail_at(ALLOCATIONS + 1);
  run_initializers(vars, test::small_chunks());
  EXPECT_FALSE(failing->failed()) << "there are more allocations than were failed";
  EXPECT_TRUE(verify(vars).complete());
}

}  // namespace
}  // namespace warmstart::detail

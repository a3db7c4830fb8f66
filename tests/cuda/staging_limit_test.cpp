// Less memory for staging than the budget allows: a smaller ring, or an error that says what would
// do.

#include <cudaemu.h>
#include <gtest/gtest.h>

#include <charconv>

#include "cuda/cuda_model.hpp"

namespace warmstart {
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
  const std::size_t end = text.find(" bytes of staging memory would do");
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

}  // namespace
}  // namespace warmstart

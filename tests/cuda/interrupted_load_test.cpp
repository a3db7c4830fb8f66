// Loads over two GPUs that end early, while copies are in flight: cancelled, or because of a file
// that changes.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "cuda/cuda_model.hpp"
#include "engine/backend.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

class interrupted_load : public testing::Test {
 protected:
  void SetUp() override {
    if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  }

  [[nodiscard]] variable_store make() const {
    return model_.make_replicas({"cuda:0", "cuda:1", "cpu:0"});
  }
  [[nodiscard]] std::string data_path() const { return model_.path() + ".data-00000-of-00001"; }

  /// `interrupt` is called at the report with that number, from 0; the reader is then as far ahead
  /// as there are slots. Returns how many reports there were.
  static int load(variable_store& vars, int report, const std::function<void()>& interrupt,
                  std::stop_token stop = {}) {
    load_options options = test::small_chunks();
    options.reader_threads = 1;
    options.stop = std::move(stop);
    int reports = 0;
    options.progress = [&](const load_progress&) {
      if (reports++ == report) interrupt();
    };
    run_initializers(vars, options);
    return reports;
  }

  static void expect_untouched(const variable_store& vars) {
    for (const variable& v : vars.variables()) {
      for (const variable& part : v.parts()) {
        for (std::size_t i = 0; i < part.devices().size(); ++i) {
          EXPECT_FALSE(part.is_initialized(i)) << part.name() << " replica " << i;
        }
      }
    }
  }

  const test::cuda_model model_;
};

TEST_F(interrupted_load, is_cancelled_at_every_report) {
  variable_store vars = make();
  int cancelled = 0;
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 1000);
    std::stop_source stop;
    try {
      const int reports = load(
          vars, n, [&] { stop.request_stop(); }, stop.get_token());
      // A request with the last report is too late to matter.
      EXPECT_LE(reports, n + 1);
      break;
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::cancelled) << thrown.what();
      expect_untouched(vars);
      ++cancelled;
    }
  }
  EXPECT_GT(cancelled, 2);
  EXPECT_TRUE(verify(vars).complete());
}

TEST_F(interrupted_load, fails_where_its_file_changes) {
  const std::string stored = test::read_file(data_path());
  const auto changes = {
      std::function<void()>([&] { std::filesystem::resize_file(data_path(), 1000); }),
      std::function<void()>(
          [&] { test::write_file(data_path(), std::string(stored.size(), 'x')); }),
      std::function<void()>([&] { test::write_file(data_path(), stored + "more"); })};
  for (const auto& change : changes) {
    variable_store vars = make();
    try {
      load(vars, 1, change);
      ADD_FAILURE() << "the change was not noticed";
    } catch (const error& thrown) {
      EXPECT_TRUE(thrown.code() == error_code::io || thrown.code() == error_code::corrupt);
      EXPECT_NE(std::string(thrown.what()).find(data_path()), std::string::npos) << thrown.what();
    }
    expect_untouched(vars);
    test::write_file(data_path(), stored);
    variable_store again = make();
    load(again, -1, {});
    EXPECT_TRUE(verify(again).complete());
  }
}

// The file that was opened is read to its end.
TEST_F(interrupted_load, continues_if_another_file_takes_the_name) {
  const std::string other = model_.path() + ".other";
  test::write_file(other, "nothing of use");
  variable_store vars = make();
  load(vars, 1, [&] { std::filesystem::rename(other, data_path()); });
  EXPECT_TRUE(verify(vars).complete());
}

}  // namespace
}  // namespace warmstart::detail

// Loads while calls to the system fail, are cut short or are interrupted.

#include <gtest/gtest.h>

#include <cstring>

#include "damage/load_through.hpp"
#include "damage/small_checkpoints.hpp"
#include "support/scripted_calls.hpp"

namespace warmstart::detail {
namespace {

class failing_calls : public testing::Test {
 protected:
  auto load(const std::shared_ptr<test::scripted_calls>& calls) {
    return test::load_through(*system_files(calls), scratch_ / "m", engine_);
  }
  std::string written() const {
    test::small::slices_in_shards(scratch_.str());
    return scratch_ / "m";
  }

  test::temporary_directory scratch_;
  load_engine engine_{2};
  const std::map<std::string, std::vector<std::byte>> good_ =
      test::load_through(*system_files(), written(), engine_);
};

TEST_F(failing_calls, each_is_an_error_that_names_file_and_reason_and_the_next_load_is_good) {
  for (const int failure : {EIO, EMFILE, ENOMEM, EACCES, ESTALE}) {
    int number = 0;
    for (bool done = false; !done; ++number) {
      const auto calls = std::make_shared<test::scripted_calls>();
      calls->failing_call = number;
      calls->failure = failure;
      try {
        EXPECT_EQ(load(calls), good_);
        done = calls->calls() <= number;  // it was not there to fail
      } catch (const error& bad) {
        const std::string message = bad.what();
        EXPECT_EQ(bad.code(), error_code::io) << message;
        EXPECT_NE(message.find(scratch_ / "m"), std::string::npos) << message;
        EXPECT_NE(message.find(std::strerror(failure)), std::string::npos) << message;
      }
      ASSERT_LT(number, 1000);
    }
    EXPECT_GT(number, 10);
    EXPECT_EQ(load(std::make_shared<test::scripted_calls>()), good_);
  }
}

TEST_F(failing_calls, interrupted_and_short_calls_are_continued) {
  for (const std::size_t most : {1U, 3U, 7U}) {
    const auto calls = std::make_shared<test::scripted_calls>();
    calls->most = most;
    calls->interruptions = 2;
    EXPECT_EQ(load(calls), good_);
    EXPECT_GT(calls->calls(), 200 / static_cast<int>(most));
  }
}

}  // namespace
}  // namespace warmstart::detail

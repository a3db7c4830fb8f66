#include "io/directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "support/scripted_calls.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

class directory : public testing::Test {
 protected:
  directory() {
    for (const char* name : {"a", "b", ".hidden"}) test::write_file(scratch_ / name, "x");
    std::filesystem::create_directory(scratch_ / "inner");
  }
  auto list(const system_calls& calls) const {
    auto names = list_directory(calls, scratch_.str());
    std::sort(names.begin(), names.end());
    return names;
  }
  static std::string refusal(const system_calls& calls, const std::string& path) {
    try {
      (void)list_directory(calls, path);
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::io);
      return bad.what();
    }
    return "none";
  }

  test::temporary_directory scratch_;
  const std::vector<std::string> all_ = {".hidden", "a", "b", "inner"};
};

TEST_F(directory, lists_all_but_itself_and_the_one_above) {
  EXPECT_EQ(list(system_calls()), all_);
  EXPECT_EQ(list_directory(system_calls(), scratch_ / "inner"), std::vector<std::string>());
}

TEST_F(directory, a_path_that_is_no_directory_is_an_error) {
  const system_calls calls;
  EXPECT_EQ(refusal(calls, scratch_ / "a"), scratch_ / "a" + ": Not a directory");
  EXPECT_EQ(refusal(calls, scratch_ / "c"), scratch_ / "c" + ": No such file or directory");
  EXPECT_EQ(refusal(calls, scratch_ / "inner" + std::string("\0x", 2)),
            scratch_ / "inner" + "\\x00x: No such file or directory");
}

// A list that ends early would look like fewer shards.
TEST_F(directory, a_call_that_fails_is_an_error_and_never_a_shorter_list) {
  for (const int failure : {EMFILE, EACCES, EIO}) {
    const std::string reason = std::strerror(failure);
    int number = 0;
    for (bool done = false; !done; ++number) {
      test::scripted_calls calls;
      calls.failing_call = number;
      calls.failure = failure;
      const std::string message = refusal(calls, scratch_.str());
      done = calls.calls() <= number;  // it was not there to fail
      EXPECT_EQ(message, done
                             ? "none"
                             : scratch_.str() +
                                   (number == 0 ? ": " : ": cannot list the directory: ") + reason);
      ASSERT_LT(number, 100);
    }
    EXPECT_EQ(number, 9);  // opendir, six entries and the end
  }
}

TEST_F(directory, interruptions_go_unnoticed) {
  test::scripted_calls calls;
  calls.interruptions = 2;
  EXPECT_EQ(list(calls), all_);
  EXPECT_EQ(calls.calls(), 3 * 8);
}

}  // namespace
}  // namespace warmstart::detail

#include "cli/atomic_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "support/file_size_limit.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::cli {
namespace {

using test::read_file;
using test::write_file;
using names = std::set<std::string>;

mode_t permissions_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

/// Sets the umask for a test.
class umask_setting {
 public:
  explicit umask_setting(mode_t mask) : former_(::umask(mask)) {}
  umask_setting(const umask_setting&) = delete;
  umask_setting& operator=(const umask_setting&) = delete;
  ~umask_setting() { ::umask(former_); }

 private:
  mode_t former_;
};

/// The system's calls, one of which fails, or which write little at a time.
struct scripted_output final : output_calls {
  std::string failing;
  int failure = EIO;
  std::size_t most = SIZE_MAX;
  mutable int interruptions = 0;  ///< so many calls fail with EINTR first
  mutable std::vector<std::string> log = {};
  mutable int descriptor_flags = 0;

  bool fails(const std::string& call) const noexcept {
    if (log.empty() || log.back() != call) log.push_back(call);
    if (interruptions > 0) {
      --interruptions;
      errno = EINTR;
      return true;
    }
    if (call == failing) errno = failure;
    return call == failing;
  }
  ssize_t write(int descriptor, std::span<const std::byte> bytes) const noexcept override {
    if (fails("write")) return -1;
    descriptor_flags = ::fcntl(descriptor, F_GETFD);
    return output_calls::write(descriptor, bytes.first(std::min(bytes.size(), most)));
  }
  int fsync(int descriptor) const noexcept override {
    return fails("fsync") ? -1 : output_calls::fsync(descriptor);
  }
  int close(int descriptor) const noexcept override {
    const int closed = output_calls::close(descriptor);  // a close that fails closes, too
    return fails("close") ? -1 : closed;
  }
  int rename(const char* from, const char* to) const noexcept override {
    return fails("rename") ? -1 : output_calls::rename(from, to);
  }
};

class atomic_file_test : public testing::Test {
 protected:
  static void replace(
      const std::string& path, std::string_view text,
      std::shared_ptr<const output_calls> calls = std::make_shared<const output_calls>()) {
    atomic_file file(path, std::move(calls));
    file.write(std::as_bytes(std::span(text)));
    file.commit();
  }

  static std::string refusal(
      const std::string& path, std::string_view text,
      std::shared_ptr<const output_calls> calls = std::make_shared<const output_calls>()) {
    try {
      replace(path, text, std::move(calls));
      return "written";
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::io);
      return bad.what();
    }
  }

  /// The names in the directory.
  [[nodiscard]] names present() const {
    names found;
    for (const auto& one : std::filesystem::directory_iterator(scratch_.str())) {
      found.insert(one.path().filename().string());
    }
    return found;
  }

  test::temporary_directory scratch_;
  const std::string path_ = scratch_ / "out";
};

TEST_F(atomic_file_test, appears_when_it_is_committed) {
  write_file(path_, "older");
  atomic_file file(path_);
  const std::string text = "newer";
  file.write(std::as_bytes(std::span(text).first(2)));
  file.write(std::as_bytes(std::span(text).subspan(2)));
  EXPECT_EQ(read_file(path_), "older");
  EXPECT_EQ(present().size(), 2U);
  file.commit();
  EXPECT_EQ(read_file(path_), "newer");
  EXPECT_EQ(present(), names{"out"});
}

TEST_F(atomic_file_test, is_discarded_unless_committed) {
  for (const bool existed : {false, true}) {
    if (existed) write_file(path_, "older");
    { atomic_file(path_).write(std::as_bytes(std::span("x"))); }
    EXPECT_EQ(present(), existed ? names{"out"} : names{});
  }
  EXPECT_EQ(read_file(path_), "older");
}

// As they may come with a checkpoint that was downloaded.
TEST_F(atomic_file_test, leaves_links_alone_that_others_have_put_beside_it) {
  write_file(scratch_ / "victim", "precious");
  std::filesystem::create_symlink("victim", path_ + ".part");
  replace(path_, "new");
  EXPECT_EQ(read_file(scratch_ / "victim"), "precious");
  EXPECT_EQ(std::filesystem::read_symlink(path_ + ".part"), "victim");
  EXPECT_EQ(present(), (names{"out", "out.part", "victim"}));
}

TEST_F(atomic_file_test, does_not_wait_for_pipes_beside_it) {
  ASSERT_EQ(mkfifo((path_ + ".part").c_str(), 0600), 0);
  replace(path_, "new");
  EXPECT_EQ(read_file(path_), "new");
}

TEST_F(atomic_file_test, gets_another_temporary_name_each_time) {
  names seen;
  for (int i = 0; i < 20; ++i) {
    const atomic_file file(path_);
    const names now = present();
    seen.insert(now.begin(), now.end());
  }
  EXPECT_EQ(seen.size(), 20U);
}

TEST_F(atomic_file_test, is_complete_despite_concurrent_writers) {
  std::vector<std::string> failures(4);
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    writers.emplace_back([&, i] {
      const std::string text(100'000, static_cast<char>('a' + i));
      for (int round = 0; round < 25; ++round) {
        const std::string result = refusal(path_, text);
        if (result != "written") failures[i] = result;
        const std::string found = read_file(path_);
        if (found != std::string(100'000, found.front())) failures[i] = "a file that is mixed";
      }
    });
  }
  for (std::thread& one : writers) one.join();
  EXPECT_THAT(failures, testing::Each(""));
  EXPECT_EQ(present(), names{"out"});
}

TEST_F(atomic_file_test, keeps_permissions) {
  const umask_setting mask(027);
  replace(path_, "new");
  EXPECT_EQ(permissions_of(path_), 0640U);
  for (const mode_t mode : {0600U, 0444U, 0666U}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    {
      const atomic_file file(path_);
      for (const std::string& name : present()) {
        EXPECT_EQ(permissions_of(scratch_ / name), mode) << name;
      }
    }
    replace(path_, "newer");
    EXPECT_EQ(permissions_of(path_), mode);
  }
}

TEST_F(atomic_file_test, replaces_a_link_and_not_its_target) {
  const umask_setting mask(022);
  write_file(scratch_ / "target", "precious");
  ASSERT_EQ(::chmod((scratch_ / "target").c_str(), 0600), 0);
  for (const std::string target : {"target", "nowhere", "out"}) {
    std::filesystem::remove(path_);
    std::filesystem::create_symlink(target, path_);
    replace(path_, "new");
    EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(path_))) << target;
    EXPECT_EQ(permissions_of(path_), 0644U);
    EXPECT_EQ(read_file(path_), "new");
  }
  EXPECT_EQ(read_file(scratch_ / "target"), "precious");
  EXPECT_EQ(present(), (names{"out", "target"}));
}

TEST_F(atomic_file_test, refuses_to_replace_anything_but_a_regular_file) {
  std::filesystem::create_directory(scratch_ / "directory");
  ASSERT_EQ(mkfifo((scratch_ / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", scratch_ / "link");
  const names before = present();
  for (const std::string& path :
       {scratch_ / "directory", scratch_ / "pipe", scratch_ / "link", std::string("/dev/null")}) {
    EXPECT_EQ(refusal(path, "x"),
              path + ": cannot be created: it exists and is not a regular file");
  }
  EXPECT_EQ(present(), before);
}

TEST_F(atomic_file_test, says_why_it_cannot_be_created) {
  write_file(path_, "older");
  EXPECT_EQ(refusal(scratch_ / "none/x", "x"),
            scratch_ / "none/x" + ": cannot be created: No such file or directory");
  EXPECT_EQ(refusal(path_ + "/x", "x"), path_ + "/x: cannot be created: Not a directory");
  EXPECT_EQ(refusal("", "x"), ": cannot be created: No such file or directory");
  EXPECT_NE(refusal(path_ + std::string("\0x", 2), "x"), "written");
  EXPECT_EQ(read_file(path_), "older");
  EXPECT_EQ(present(), names{"out"});
}

TEST_F(atomic_file_test, may_have_the_longest_name) {
  replace(scratch_ / std::string(255, 'n'), "new");
  EXPECT_EQ(present(), names{std::string(255, 'n')});
}

TEST_F(atomic_file_test, leaves_nothing_where_there_is_no_room) {
  const std::string text(10'000, 'x');
  for (const bool existed : {false, true}) {
    if (existed) write_file(path_, "older");
    {
      const test::file_size_limit limit(4096);
      EXPECT_EQ(refusal(path_, text), path_ + ": cannot be written: File too large");
    }
    EXPECT_EQ(present(), existed ? names{"out"} : names{});
  }
  EXPECT_EQ(read_file(path_), "older");
}

TEST_F(atomic_file_test, leaves_nothing_when_a_call_fails) {
  const std::pair<std::string, std::string> cases[] = {
      {"write", "written"}, {"fsync", "written"}, {"close", "written"}, {"rename", "created"}};
  for (const bool existed : {false, true}) {
    if (existed) write_file(path_, "older");
    for (const auto& [call, what] : cases) {
      const auto calls = std::make_shared<scripted_output>();
      calls->failing = call;
      EXPECT_EQ(refusal(path_, "new", calls),
                path_ + ": cannot be " + what + ": Input/output error");
      EXPECT_EQ(calls->log.back(), call);
      EXPECT_EQ(present(), existed ? names{"out"} : names{}) << call;
    }
  }
  EXPECT_EQ(read_file(path_), "older");
}

TEST_F(atomic_file_test, is_stored_and_closed_before_it_is_renamed) {
  const auto calls = std::make_shared<scripted_output>();
  calls->most = 7;
  calls->interruptions = 3;
  const std::string text(1000, 'x');
  replace(path_, text, calls);
  EXPECT_EQ(calls->log, (std::vector<std::string>{"write", "fsync", "close", "rename"}));
  EXPECT_EQ(calls->descriptor_flags, FD_CLOEXEC);
  EXPECT_EQ(read_file(path_), text);
}

TEST_F(atomic_file_test, needs_no_fsync_where_the_file_system_has_none) {
  const auto calls = std::make_shared<scripted_output>();
  calls->failing = "fsync";
  calls->failure = EINVAL;
  replace(path_, "new", calls);
  EXPECT_EQ(read_file(path_), "new");
}

}  // namespace
}  // namespace warmstart::detail::cli

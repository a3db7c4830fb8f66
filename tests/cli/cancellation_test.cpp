// Signals that end the program, as a shell sees it.

#include "cli/cancellation.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/units.hpp"
#include "cli/atomic_file.hpp"
#include "support/fuse_files.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

constexpr int CANCELLED = 130;

// Until it opens a pipe that is its job the program has begun, and is no load.
test::program_result cancel_before_the_load(const std::string& pipe, int number) {
  return test::run_program({test::program_path(), "run", pipe}, {}, [&](pid_t program) {
    const unique_descriptor writer(::open(pipe.c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(writer);
    ASSERT_EQ(::kill(program, number), 0);
    // Its end must not look like an empty job.
    siginfo_t ended{};
    waitid(P_PID, static_cast<id_t>(program), &ended, WEXITED | WNOWAIT);
  });
}

/// A shell that runs the tests in the background may ignore SIGINT, and programs inherit that.
class cancellation : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGINT, SIG_DFL); }
};

TEST_F(cancellation, is_immediate_when_nothing_is_loading) {
  const test::temporary_directory scratch;
  const std::string pipe = scratch / "job";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto result = cancel_before_the_load(pipe, SIGINT);
  EXPECT_EQ(result.exit_code, CANCELLED);
  EXPECT_EQ(result.err, "warmstart: cancelled\n");
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(cancel_before_the_load(pipe, SIGTERM).exit_code, 128 + SIGTERM);
}

TEST_F(cancellation, a_load_stops_and_leaves_no_files) {
  constexpr std::int64_t SIZE = 32 * mebibyte;
  const std::string header = R"({"t":{"dtype":"U8","shape":[)" + std::to_string(SIZE) +
                             R"(],"data_offsets":[0,)" + std::to_string(SIZE) + "]}}";
  const std::uint64_t header_size = header.size();
  std::string contents(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
  contents += header + std::string(static_cast<std::size_t>(SIZE), 'x');
  test::fuse_files files;
  files.put("m.safetensors", std::move(contents));
  const test::temporary_directory scratch;
  const nlohmann::json job = {
      {"device", "cpu:0"},
      {"variables", {{{"name", "t"}, {"dtype", "uint8"}, {"shape", {SIZE}}}}},
      {"initialize",
       {{{"checkpoint", files / "m.safetensors"}, {"assignment_map", {{"t", "t"}}}}}}};
  test::write_file(scratch / "job.json", job.dump());
  for (const bool json : {false, true}) {
    files.hold_reads_from(mebibyte);
    std::vector<std::string> command = {test::program_path(),
                                        "run",
                                        scratch / "job.json",
                                        "--dump",
                                        scratch / "dump",
                                        "--trace",
                                        scratch / "trace",
                                        "--threads",
                                        "1",
                                        "--io",
                                        "buffered"};
    if (json) command.emplace_back("--json");
    const auto result = test::run_program(command, {}, [&](pid_t program) {
      while (!files.holds()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ASSERT_EQ(::kill(program, SIGINT), 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      files.release();
    });
    EXPECT_EQ(result.exit_code, CANCELLED);
    if (json) {
      EXPECT_EQ(nlohmann::json::parse(result.out).at("errors").at(0).at("code"), "cancelled");
    } else {
      EXPECT_EQ(result.err, "warmstart: cancelled: the load was cancelled\n");
    }
    EXPECT_FALSE(std::filesystem::exists(scratch / "trace"));
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "dump"));
    for (const auto& left : std::filesystem::directory_iterator(scratch.str())) {
      EXPECT_NE(left.path().extension(), ".tmp") << left.path();
    }
  }
}

TEST_F(cancellation, temporary_files_are_removed_at_any_time) {
  const test::temporary_directory scratch;
  const std::string path = scratch / "file";
  EXPECT_EXIT(
      {
        const cli::atomic_file file(path);
        const bool there = !std::filesystem::is_empty(scratch.str());
        cli::remove_temporary_files();
        _exit(there && std::filesystem::is_empty(scratch.str()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace warmstart::detail

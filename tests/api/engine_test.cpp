#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::counted;
using test::error_of;
using test::values_of;

TEST(engine, serves_many_loads_and_threads) {
  const test::small_model model;
  engine shared({.reader_threads = 2});
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        variable_store vars{"cpu:0"};
        const auto t = vars.get_variable("t", {64, 8});
        init_from_checkpoint(vars, model.path(), {{"table", t}});
        run_initializers(vars, {.engine = &shared});
        good += values_of<float>(t) == counted<float>(512) && verify(vars, &shared).complete();
      }
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(good, 20);
}

// The load that reports progress holds the engine's driver thread, ring and readers.
TEST(engine, refuses_a_load_from_a_progress_callback_of_its_own_load) {
  const test::small_model model;
  engine shared;
  variable_store outer{"cpu:0"};
  variable_store inner{"cpu:0"};
  const auto t = outer.get_variable("t", {64, 8});
  for (variable_store* vars : {&outer, &inner}) {
    if (vars == &inner) inner.get_variable("t", {64, 8});
    init_from_checkpoint(*vars, model.path(), {{"table", "t"}});
  }
  int refusals = 0;
  run_initializers(outer, {.progress =
                               [&](const load_progress&) {
                                 const error bad = error_of(
                                     [&] { return run_initializers(inner, {.engine = &shared}); });
                                 EXPECT_EQ(bad.code(), error_code::invalid_argument) << bad.what();
                                 ++refusals;
                               },
                           .engine = &shared});
  EXPECT_GT(refusals, 0);
  EXPECT_EQ(values_of<float>(t), counted<float>(512));
  // Nothing of the refused load is left behind.
  EXPECT_FALSE(inner.find("t")->is_initialized());
  EXPECT_EQ(run_initializers(inner, {.engine = &shared}).rows.size(), 1U);
}

// Its threads do not exist in the child: whoever waited for them would hang.
TEST(engine, is_refused_in_a_forked_child) {
  engine shared;
  variable_store vars{"cpu:0"};
  vars.get_variable("t", {4});
  run_initializers(vars, {.engine = &shared});
  vars.reset(*vars.find("t"));
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    const error refused = error_of([&] { return run_initializers(vars, {.engine = &shared}); });
    _exit(refused.code() == error_code::invalid_argument ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(run_initializers(vars, {.engine = &shared}).rows.size(), 1U);
}

TEST(engine, a_moved_from_engine_is_refused) {
  engine first;
  const engine second = std::move(first);
  variable_store vars{"cpu:0"};
  vars.get_variable("t", {4});
  const error refused = error_of([&] { return run_initializers(vars, {.engine = &first}); });
  EXPECT_EQ(refused.code(), error_code::invalid_argument);
}

// Without address space, no thread stack can be allocated.
TEST(engine, a_failure_to_start_threads_is_a_warmstart_error) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers reserve more address space than any limit leaves";
#else
  const test::temporary_directory directory;
  constexpr std::int64_t SIZE = 20 * mebibyte;  // more chunks than threads
  test::bundle_writer writer;
  writer.tensor("t", dtype::uint8, {SIZE}, std::string(static_cast<std::size_t>(SIZE), 'x'));
  writer.write(directory / "large");
  variable_store vars{"cpu:0"};
  vars.get_variable("t", {SIZE}, {.type = dtype::uint8});
  init_from_checkpoint(vars, directory / "large", {{"t", "t"}});
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  rlimit little = before;
  little.rlim_cur = pages * 4096 + (rlim_t{64} << 20U);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &little), 0);
  const error refused = error_of([&] {
    return run_initializers(vars, {.chunk_bytes = 64 * kibibyte, .reader_threads = 256});
  });
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_EQ(refused.code(), error_code::out_of_memory) << refused.what();
  EXPECT_NE(std::string(refused.what()).find("of 256 reader threads"), std::string::npos)
      << refused.what();
#endif
}

}  // namespace
}  // namespace warmstart::detail

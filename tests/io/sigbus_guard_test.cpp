// Reads of pages that a file no longer has.

#include "io/sigbus_guard.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "support/cut_off_file.hpp"

namespace warmstart::detail {
namespace {

using test::cut_off_file;

std::byte read_guarded(sigbus_guard& guard, const cut_off_file& file, std::size_t page) {
  const sigbus_guard::access allowed(guard);
  return file.read(page);
}

// Runs `body` where the default action is in place of a sanitizer's handler, which makes reports.
template <class Body>
void without_handlers(Body body) {
  std::signal(SIGBUS, SIG_DFL);
  body();
}

TEST(sigbus_guard, lost_pages_are_zeros_and_the_guard_is_hit) {
  const cut_off_file file;
  sigbus_guard guard(file.bytes());
  ASSERT_TRUE(guard);
  EXPECT_EQ(read_guarded(guard, file, 1), std::byte{'x'});
  EXPECT_FALSE(guard.hit());
  EXPECT_EQ(read_guarded(guard, file, 2), std::byte{0});
  EXPECT_TRUE(guard.hit());
  EXPECT_EQ(read_guarded(guard, file, 7), std::byte{0});
}

TEST(sigbus_guard, each_mapping_is_hit_by_itself_from_any_thread) {
  const cut_off_file files[2];
  sigbus_guard first(files[0].bytes());
  sigbus_guard second(files[1].bytes());
  std::vector<std::thread> readers;
  for (std::size_t page = 2; page < cut_off_file::PAGES; ++page) {
    readers.emplace_back(
        [&, page] { EXPECT_EQ(read_guarded(second, files[1], page), std::byte{0}); });
  }
  for (std::thread& one : readers) one.join();
  EXPECT_FALSE(first.hit());
  EXPECT_TRUE(second.hit());
}

TEST(sigbus_guard, any_number_of_mappings_is_guarded) {
  const cut_off_file file;
  std::vector<std::unique_ptr<sigbus_guard>> guards;
  for (int i = 0; i < 1000; ++i) {
    guards.push_back(std::make_unique<sigbus_guard>(file.bytes()));
    ASSERT_TRUE(*guards.back());
  }
  EXPECT_EQ(read_guarded(*guards.back(), file, 5), std::byte{0});
  EXPECT_TRUE(guards.back()->hit());
  EXPECT_FALSE(guards.front()->hit());
}

TEST(sigbus_guard, scopes_may_be_nested) {
  const cut_off_file files[2];
  sigbus_guard first(files[0].bytes());
  sigbus_guard second(files[1].bytes());
  const sigbus_guard::access outer(first);
  EXPECT_EQ(read_guarded(second, files[1], 3), std::byte{0});
  EXPECT_EQ(files[0].read(3), std::byte{0}) << "the outer scope goes on";
}

TEST(sigbus_guard_death_test, reads_outside_of_a_scope_end_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read_unguarded = [] {
    const cut_off_file file;
    sigbus_guard guard(file.bytes());
    (void)read_guarded(guard, file, 1);
    (void)file.read(5);
  };
  EXPECT_EXIT(without_handlers(read_unguarded), testing::KilledBySignal(SIGBUS), "");
}

TEST(sigbus_guard_death_test, reads_of_other_memory_in_a_scope_end_the_process) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read_other = [] {
    const cut_off_file guarded;
    const cut_off_file other;
    sigbus_guard guard(guarded.bytes());
    (void)read_guarded(guard, other, 5);
  };
  EXPECT_EXIT(without_handlers(read_other), testing::KilledBySignal(SIGBUS), "");
}

TEST(sigbus_guard_death_test, a_scope_is_of_its_thread_alone) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read_elsewhere = [] {
    const cut_off_file file;
    sigbus_guard guard(file.bytes());
    const sigbus_guard::access allowed(guard);
    std::thread([&] { (void)file.read(5); }).join();
  };
  EXPECT_EXIT(without_handlers(read_elsewhere), testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace warmstart::detail

// What happens to those who read pages that a file has no more.

#include "io/bus_errors.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "io/descriptor.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart {
namespace {

constexpr std::size_t PAGE = 4096;
constexpr std::size_t PAGES = 8;

/// Eight pages of 'x', of which a file has the first two.
class cut_off_file {
 public:
  cut_off_file() {
    const std::string path = directory_ / "f";
    test::write_file(path, std::string(PAGES * PAGE, 'x'));
    const unique_descriptor file(::open(path.c_str(), O_RDWR));
    void* const data = ::mmap(nullptr, PAGES * PAGE, PROT_READ, MAP_SHARED, file.get(), 0);
    bytes_ = {static_cast<const std::byte*>(data), PAGES * PAGE};
    EXPECT_EQ(::ftruncate(file.get(), 2 * PAGE), 0);
  }
  ~cut_off_file() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] std::byte read(std::size_t page) const {
    return *static_cast<const volatile std::byte*>(&bytes_[page * PAGE]);
  }

 private:
  test::temporary_directory directory_;
  std::span<const std::byte> bytes_;
};

TEST(bus_errors, pages_that_are_gone_are_zeros_and_it_shows) {
  const cut_off_file file;
  const bus_error_guard guard(file.bytes().data(), file.bytes().size());
  ASSERT_TRUE(guard);
  EXPECT_EQ(file.read(1), std::byte{'x'});
  EXPECT_FALSE(guard.hit());
  EXPECT_EQ(file.read(2), std::byte{0});
  EXPECT_TRUE(guard.hit());
  EXPECT_EQ(file.read(7), std::byte{0});
  EXPECT_EQ(file.read(0), std::byte{'x'}) << "the others stay";
}

TEST(bus_errors, each_range_is_hit_by_itself_from_any_thread) {
  const cut_off_file files[2];
  const bus_error_guard first(files[0].bytes().data(), files[0].bytes().size());
  const bus_error_guard second(files[1].bytes().data(), files[1].bytes().size());
  std::vector<std::thread> readers;
  for (std::size_t page = 0; page < PAGES; ++page) {
    readers.emplace_back(
        [&, page] { EXPECT_EQ(files[1].read(page), std::byte(page < 2 ? 'x' : 0)); });
  }
  for (std::thread& one : readers) one.join();
  EXPECT_FALSE(first.hit());
  EXPECT_TRUE(second.hit());
}

TEST(bus_errors, no_more_ranges_than_there_is_room_for_and_room_again_later) {
  std::vector<std::unique_ptr<bus_error_guard>> guards;
  const cut_off_file file;
  const auto add = [&] {
    guards.push_back(std::make_unique<bus_error_guard>(file.bytes().data(), file.bytes().size()));
    return static_cast<bool>(*guards.back());
  };
  std::size_t count = 0;
  while (count < 1000 && add()) ++count;
  EXPECT_EQ(count, 256U);
  guards.erase(guards.begin());
  EXPECT_TRUE(add());
}

TEST(bus_errors_death_test, others_errors_end_the_process_as_without_a_handler) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read_unguarded = [] {
    const cut_off_file guarded;
    const cut_off_file other;
    const bus_error_guard guard(guarded.bytes().data(), guarded.bytes().size());
    (void)other.read(5);
  };
  EXPECT_EXIT(
      {
        // A sanitizer's handler, which is there before ours, would make a report of it.
        std::signal(SIGBUS, SIG_DFL);
        read_unguarded();
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST(bus_errors_death_test, what_was_sent_is_passed_on) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_DFL);
        const cut_off_file file;
        const bus_error_guard guard(file.bytes().data(), file.bytes().size());
        std::raise(SIGBUS);
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST(bus_errors_death_test, a_handler_that_was_there_is_called) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, [](int) { std::_Exit(42); });
        const cut_off_file guarded;
        const cut_off_file other;
        const bus_error_guard guard(guarded.bytes().data(), guarded.bytes().size());
        (void)guarded.read(5);
        (void)other.read(5);
      },
      testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace warmstart

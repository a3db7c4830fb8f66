#include "engine/file_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/memory_files.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

transfer_plan plan_of_one_file(const test::memory_files& files) {
  transfer_plan plan;
  plan.files = {{.path = "data", .identity = files.identify("data")}};
  plan.chunks.resize(2);
  return plan;
}

TEST(file_table, a_changed_file_is_refused_to_every_reader) {
  test::memory_files files;
  files.put("data", std::vector<std::byte>(8));
  const transfer_plan plan = plan_of_one_file(files);
  files.put("data", std::vector<std::byte>(8));
  file_table table(plan, files, read_mode::buffered);
  EXPECT_THROW(static_cast<void>(table.open(0)), error);
  EXPECT_THROW(static_cast<void>(table.open(0)), error);
  EXPECT_EQ(files.open_files(), 0);
}

// Those give the same file another inode number each time they look it up.
TEST(file_table, inode_numbers_are_ignored_on_network_file_systems) {
  for (const bool remote : {false, true}) {
    test::memory_files files;
    files.set_remote(remote);
    files.put("data", std::vector<std::byte>(8));
    const transfer_plan plan = plan_of_one_file(files);
    files.set_inode(2);
    file_table table(plan, files, read_mode::buffered);
    if (!remote) {
      EXPECT_THROW(static_cast<void>(table.open(0)), error);
      continue;
    }
    EXPECT_NE(table.open(0), nullptr);
    files.set_inode(3);
    table.finish_chunk(0);
    table.finish_chunk(0);
  }
}

TEST(file_table, a_modified_file_is_refused_on_network_file_systems) {
  for (const std::size_t size : {7U, 8U}) {  // another size, another time
    test::memory_files files;
    files.set_remote(true);
    files.put("data", std::vector<std::byte>(8));
    const transfer_plan plan = plan_of_one_file(files);
    files.put("data", std::vector<std::byte>(size));
    file_table table(plan, files, read_mode::buffered);
    EXPECT_THROW(static_cast<void>(table.open(0)), error) << size;
  }
}

TEST(file_table, a_file_is_opened_once_and_closed_after_its_last_chunk) {
  test::memory_files files;
  files.put("data", std::vector<std::byte>(8));
  const transfer_plan plan = plan_of_one_file(files);
  file_table table(plan, files, read_mode::buffered);
  EXPECT_EQ(table.open(0), table.open(0));
  table.finish_chunk(0);
  EXPECT_EQ(files.open_files(), 1);
  table.finish_chunk(0);
  EXPECT_EQ(files.open_files(), 0);
}

/// Two files, of which the first is slow to open: until `go_on`.
class slow_file : public testing::Test {
 protected:
  slow_file() {
    for (const char* path : {"slow", "other"}) {
      files.put(path, std::vector<std::byte>(8));
      plan.files.push_back({.path = path, .identity = files.identify(path)});
    }
    plan.chunks.resize(8);
    files.on_open([this](const std::string& path) {
      ++opened;
      if (path != "slow") return;
      opening.count_down();
      go_on.wait();
    });
  }
  std::future<std::shared_ptr<const file>> open(std::uint32_t index) {
    return std::async(std::launch::async, [this, index] { return table->open(index); });
  }
  void make_table() { table.emplace(plan, files, read_mode::buffered); }

  test::memory_files files;
  transfer_plan plan;
  std::optional<file_table> table;
  std::atomic<int> opened = 0;
  std::latch opening{1};
  std::latch go_on{1};
};

TEST_F(slow_file, delays_only_threads_that_want_it) {
  make_table();
  auto slow = open(0);
  opening.wait();
  auto other = open(1);
  // The limit is for a table in which all wait.
  EXPECT_EQ(other.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  go_on.count_down();
  EXPECT_NE(other.get(), slow.get());
}

TEST_F(slow_file, is_opened_once_for_all_that_want_it) {
  make_table();
  auto first = open(0);
  opening.wait();
  auto second = open(0);
  go_on.count_down();
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(opened, 1);
}

TEST_F(slow_file, that_cannot_be_used_is_refused_to_all_that_want_it) {
  plan.files[0].identity.size_bytes = 9;
  make_table();
  auto first = open(0);
  opening.wait();
  auto second = open(0);
  go_on.count_down();
  for (auto* one : {&first, &second}) {
    try {
      (void)one->get();
      ADD_FAILURE() << "the file is taken for another";
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::io);
    }
  }
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(files.open_files(), 0);
}

}  // namespace
}  // namespace warmstart::detail

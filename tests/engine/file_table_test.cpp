#include "engine/file_table.hpp"

#include <gtest/gtest.h>

#include "support/memory_files.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

transfer_plan plan_of_one_file(const test::memory_files& files) {
  transfer_plan plan;
  plan.files = {{.path = "data", .identity = files.identify("data")}};
  plan.chunks.resize(2);
  return plan;
}

TEST(file_table, a_changed_file_is_refused_to_every_reader_not_just_to_the_first) {
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
TEST(file_table, inode_numbers_say_nothing_on_network_file_systems) {
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

TEST(file_table, what_was_written_to_is_refused_on_network_file_systems) {
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

}  // namespace
}  // namespace warmstart

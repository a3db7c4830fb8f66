#include "load/read_mode.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "support/catalog_builder.hpp"
#include "support/memory_files.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t MEBIBYTE = std::int64_t{1} << 20;

class read_mode_test : public testing::Test {
 protected:
  // A file with one tensor of so many bytes.
  std::shared_ptr<const catalog> store(const std::string& path, std::int64_t bytes) {
    test::catalog_builder stored(path);
    stored.tensor("t", dtype::uint8, {bytes});
    files_.put(path, {});
    return std::make_shared<const catalog>(stored.get());
  }
  // A variable, cut into parts, that waits for that tensor.
  void want(const std::shared_ptr<const catalog>& source, const std::string& name,
            std::int64_t parts = 1) {
    const std::int64_t bytes = source->tensors[0].full_shape[0];
    vars_.get_variable(name, {bytes},
                       {.type = dtype::uint8, .partitioner = fixed_size_partitioner(parts)});
    for (part_state& part : variable_access::state(vars_).variables.back()->parts) {
      part.load = pending_load{
          .source = source, .checkpoint = source->path, .tensor = 0, .wanted = part.slice};
    }
  }
  void want(const std::string& path, std::int64_t bytes) { want(store(path, bytes), path); }
  [[nodiscard]] read_mode chosen(load_options::io_mode io = load_options::io_mode::automatic) {
    return choose_read_mode(variable_access::state(vars_), {.io = io}, files_);
  }

  variable_store vars_;
  test::memory_files files_;
};

TEST_F(read_mode_test, options_decide_first) {
  want("cold", 100 * MEBIBYTE);
  files_.set_cached_share("cold", 0);
  EXPECT_EQ(chosen(load_options::io_mode::buffered), read_mode::buffered);
  files_.set_cached_share("cold", 1);
  EXPECT_EQ(chosen(load_options::io_mode::direct), read_mode::direct);
  EXPECT_EQ(chosen(load_options::io_mode::buffered), read_mode::buffered);
  EXPECT_EQ(chosen(load_options::io_mode::mapped), read_mode::mapped);
}

// A mapping would need a signal handler in the user's process.
TEST_F(read_mode_test, files_are_mapped_only_on_request) {
  want("a", 600 * MEBIBYTE);
  files_.set_cached_share("a", 1);
  EXPECT_EQ(chosen(), read_mode::buffered);
}

TEST_F(read_mode_test, parts_of_a_tensor_count_its_bytes_once) {
  want(store("a", 2 * MEBIBYTE), "a", 64);
  want(store("b", 20 * MEBIBYTE), "b", 4);
  files_.set_cached_share("a", 0);
  files_.set_cached_share("b", 0);
  EXPECT_EQ(chosen(), read_mode::buffered) << "22 MiB are too few to matter";
  EXPECT_EQ(files_.shares_asked_for(), 0);
}

TEST_F(read_mode_test, variables_that_share_a_tensor_count_its_bytes_once) {
  const auto cold = store("cold", 60 * MEBIBYTE);
  want(cold, "a");
  want(cold, "b");
  want(store("cold", 60 * MEBIBYTE), "c");  // the same file, opened again
  files_.set_cached_share("cold", 0);
  EXPECT_EQ(chosen(), read_mode::buffered) << "60 MiB are too few to matter";
  want("warm", 70 * MEBIBYTE);
  files_.set_cached_share("warm", 1);
  EXPECT_EQ(chosen(), read_mode::buffered) << "70 of 130 MiB are in the cache";
}

// Tensors may overlap in the file.
TEST_F(read_mode_test, bytes_that_extents_share_count_once) {
  test::catalog_builder stored("a");
  stored.tensor("t", dtype::uint8, {40 * MEBIBYTE}).tensor("u", dtype::uint8, {40 * MEBIBYTE});
  stored.get().extents[1].offset_bytes = 20 * MEBIBYTE;
  stored.get().tensors[0].pieces.push_back(stored.get().tensors[1].pieces[0]);
  files_.put("a", {});
  want(std::make_shared<const catalog>(stored.get()), "t");
  files_.set_cached_share("a", 0);
  EXPECT_EQ(chosen(), read_mode::buffered) << "60 MiB are too few to matter";
}

TEST_F(read_mode_test, direct_if_most_bytes_are_not_cached) {
  EXPECT_EQ(chosen(), read_mode::buffered);
  want("a", 60 * MEBIBYTE);
  files_.set_cached_share("a", 0);
  EXPECT_EQ(chosen(), read_mode::buffered) << "too few to matter";
  EXPECT_EQ(files_.shares_asked_for(), 0) << "nor are they looked at";
  want("b", 70 * MEBIBYTE);
  EXPECT_EQ(chosen(), read_mode::buffered);
  files_.set_cached_share("b", 0.9);
  EXPECT_EQ(chosen(), read_mode::direct) << "67 of 130 MiB are cold";
  files_.set_cached_share("b", 0.95);
  EXPECT_EQ(chosen(), read_mode::buffered);
}

TEST_F(read_mode_test, only_pending_variables_count) {
  want("a", 100 * MEBIBYTE);
  files_.set_cached_share("a", 0);
  variable_access::state(vars_).variables[0]->parts[0].pending = false;
  EXPECT_EQ(chosen(), read_mode::buffered);
}

TEST_F(read_mode_test, buffered_where_a_file_cannot_be_read_directly) {
  want("a", 100 * MEBIBYTE);
  want("b", 1);
  files_.set_cached_share("a", 0);
  ASSERT_EQ(chosen(), read_mode::direct);
  files_.forbid_direct("b");
  EXPECT_EQ(chosen(), read_mode::buffered);
}

TEST_F(read_mode_test, buffered_where_direct_reads_fail_though_the_file_opens_for_them) {
  want("a", 100 * MEBIBYTE);
  want("b", 1);
  files_.set_cached_share("a", 0);
  files_.fail_direct_reads("b");
  EXPECT_EQ(chosen(), read_mode::buffered);
}

TEST_F(read_mode_test, buffered_on_network_file_systems) {
  want("a", 100 * MEBIBYTE);
  files_.set_cached_share("a", 0);
  files_.set_remote(true);
  EXPECT_EQ(chosen(), read_mode::buffered);
}

}  // namespace
}  // namespace warmstart::detail

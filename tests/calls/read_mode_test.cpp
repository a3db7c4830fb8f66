#include "calls/read_mode.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "support/catalog_builder.hpp"
#include "support/memory_files.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {
namespace {

constexpr std::int64_t MEBIBYTE = std::int64_t{1} << 20;

class read_mode_test : public testing::Test {
 protected:
  // A pending load of so many bytes of a file.
  void want(const std::string& path, std::int64_t bytes, const device& where = device::host()) {
    test::catalog_builder stored(path);
    stored.tensor("t", dtype::uint8, {bytes});
    files_.put(path, {});
    vars_.get_variable(path, {bytes}, {.type = dtype::uint8, .placement = round_robin({where})});
    auto& part = variable_access::state(vars_).variables.back()->parts[0];
    part.load = pending_load{.source = std::make_shared<const catalog>(stored.get()),
                             .checkpoint = path,
                             .tensor = 0,
                             .wanted = slice::all_of({bytes})};
  }
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

TEST_F(read_mode_test, mapped_where_all_is_known_to_be_in_the_cache_and_for_the_host) {
  want("a", 60 * MEBIBYTE);
  files_.set_cached_share("a", 1);
  EXPECT_EQ(chosen(), read_mode::buffered) << "too few to matter";
  want("b", 60 * MEBIBYTE);
  EXPECT_EQ(chosen(), read_mode::buffered) << "nothing is known of b";
  files_.set_cached_share("b", 0.99);
  EXPECT_EQ(chosen(), read_mode::buffered);
  files_.set_cached_share("b", 1);
  EXPECT_EQ(chosen(), read_mode::mapped);
  want("c", 1, "cuda:0");
  files_.set_cached_share("c", 1);
  EXPECT_EQ(chosen(), read_mode::buffered) << "through pinned slots";
}

TEST_F(read_mode_test, direct_where_most_bytes_are_not_in_the_cache) {
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

TEST_F(read_mode_test, what_is_not_pending_does_not_count) {
  want("a", 100 * MEBIBYTE);
  files_.set_cached_share("a", 0);
  variable_access::state(vars_).variables[0]->parts[0].pending = false;
  EXPECT_EQ(chosen(), read_mode::buffered);
}

TEST_F(read_mode_test, buffered_where_a_file_can_not_be_read_directly) {
  want("a", 100 * MEBIBYTE);
  want("b", 1);
  files_.set_cached_share("a", 0);
  ASSERT_EQ(chosen(), read_mode::direct);
  files_.forbid_direct("b");
  EXPECT_EQ(chosen(), read_mode::buffered);
}

}  // namespace
}  // namespace warmstart

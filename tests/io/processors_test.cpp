#include "io/processors.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <optional>
#include <string>
#include <thread>

#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

/// A system's files of control groups.
class processors : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    test::write_file(root_ / path, text);
  }
  void mounts(const std::string& text) { put("proc/self/mountinfo", text); }
  void groups(const std::string& text) { put("proc/self/cgroup", text); }
  [[nodiscard]] std::optional<std::size_t> quota() const { return processor_quota(root_.str()); }

 private:
  test::temporary_directory root_;
};

constexpr auto VERSION_2 =
    "22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
    "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr auto VERSION_1 =
    "33 32 0:29 / /sys/fs/cgroup/memory rw shared:12 - cgroup cgroup rw,memory\n"
    "34 32 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:13 - cgroup cgroup rw,cpu,cpuacct\n";

TEST_F(processors, have_no_quota_without_control_groups) {
  EXPECT_EQ(quota(), std::nullopt);
  groups("0::/a\n");
  EXPECT_EQ(quota(), std::nullopt);
  mounts(VERSION_2);
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(processors, of_version_2_have_the_quota_of_cpu_max) {
  mounts(VERSION_2);
  groups("0::/user/job\n");
  put("sys/fs/cgroup/user/job/cpu.max", "400000 100000\n");
  EXPECT_EQ(quota(), 4U);
  put("sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(processors, are_counted_up_to_a_whole_one) {
  mounts(VERSION_2);
  groups("0::/\n");
  put("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota(), 2U);
  put("sys/fs/cgroup/cpu.max", "1000 100000\n");
  EXPECT_EQ(quota(), 1U);
}

TEST_F(processors, have_the_least_quota_of_all_groups_above) {
  mounts(VERSION_2);
  groups("0::/a/b/c\n");
  put("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
  put("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  put("sys/fs/cgroup/a/cpu.max", "300000 100000\n");
  put("sys/fs/cgroup/b/cpu.max", "100000 100000\n");
  EXPECT_EQ(quota(), 3U);
}

TEST_F(processors, of_version_1_have_the_quota_of_two_files) {
  mounts(VERSION_1);
  groups("5:memory:/other\n4:cpu,cpuacct:/job\n1:name=systemd:/\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "250000\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "50000\n");
  EXPECT_EQ(quota(), 5U);
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(processors, of_both_versions_have_the_smaller_quota) {
  mounts(std::string(VERSION_1) + VERSION_2);
  groups("4:cpu,cpuacct:/job\n0::/job\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), 3U);
  put("sys/fs/cgroup/job/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2U);
}

// The container sees its own group where the mount is, and its name as the host knows it.
TEST_F(processors, of_a_container_have_the_quota_at_its_mount) {
  mounts("34 32 0:30 /docker/7f /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
  groups("4:cpu:/docker/7f\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  EXPECT_EQ(quota(), 2U);
  groups("4:cpu:/docker/7f/inner\n");
  put("sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us", "100000");
  put("sys/fs/cgroup/cpu/inner/cpu.cfs_period_us", "100000");
  EXPECT_EQ(quota(), 1U);
  groups("4:cpu:/docker/7f2\n");
  EXPECT_EQ(quota(), 2U) << "what can be seen, if the group cannot";
  groups("4:cpu:/../other\n");
  EXPECT_EQ(quota(), 2U);
}

TEST_F(processors, are_found_at_mounts_with_spaces) {
  mounts("30 22 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n");
  groups("0::/\n");
  put("my groups/cpu.max", "300000 100000\n");
  EXPECT_EQ(quota(), 3U);
}

TEST_F(processors, have_no_quota_in_files_that_say_nothing) {
  groups("0::/\n4:cpu\nnonsense\n\n");
  mounts("30 22 0:26\n- - -\n30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  for (const char* text : {"", "100000", "100000 0", "0 100000", "-5 100000", "many 100000"}) {
    put("sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(quota(), std::nullopt) << text;
  }
}

TEST(usable_processors, are_those_that_the_thread_may_run_on) {
  const std::size_t all = usable_processors();
  EXPECT_GE(all, 1U);
  std::size_t one = 0;
  std::thread([&] {
    cpu_set_t allowed;
    ASSERT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    EXPECT_LE(all, static_cast<std::size_t>(CPU_COUNT(&allowed)));
    std::size_t first = 0;
    while (!CPU_ISSET(first, &allowed)) ++first;
    CPU_ZERO(&allowed);
    CPU_SET(first, &allowed);
    ASSERT_EQ(sched_setaffinity(0, sizeof(allowed), &allowed), 0);
    one = usable_processors();
  }).join();
  EXPECT_EQ(one, 1U);
}

}  // namespace
}  // namespace warmstart::detail

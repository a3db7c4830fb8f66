#include "io/storage_kind.hpp"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace warmstart::detail {
namespace {

struct statfs of_kind(std::uint32_t magic, long block_bytes = 512) {
  struct statfs of {};
  of.f_type = static_cast<decltype(of.f_type)>(magic);
  of.f_bsize = block_bytes;
  return of;
}

TEST(storage_kind, network_file_systems_and_fuse_are_remote) {
  for (const std::uint32_t magic :
       {0x65735546U, 0x6969U, 0xFF534D42U, 0xFE534D42U, 0x00C36400U, 0x01021997U, 0x0BD00BD0U}) {
    EXPECT_TRUE(is_remote(of_kind(magic))) << std::hex << magic;
  }
  for (const int magic : {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC}) {
    EXPECT_FALSE(is_remote(of_kind(static_cast<std::uint32_t>(magic)))) << std::hex << magic;
  }
}

TEST(storage_kind, only_files_in_huge_pages_are_mapped_in_huge_pages) {
  const auto usual = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  EXPECT_EQ(mapped_page_bytes(of_kind(EXT4_SUPER_MAGIC, 1 << 20)), usual);
  EXPECT_EQ(mapped_page_bytes(of_kind(HUGETLBFS_MAGIC, 2 << 20)), 2U << 20U);
}

}  // namespace
}  // namespace warmstart::detail

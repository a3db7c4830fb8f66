#include "engine/pages.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "warmstart/device.hpp"
#include "warmstart/memory.hpp"

namespace warmstart::detail {
namespace {

// Whether huge pages were requested for the mapping that contains the byte.
bool asks_for_huge_pages(const void* byte) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(byte);
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::istringstream fields(line);
    if (fields >> std::hex >> begin >> dash >> end && dash == '-') {
      here = begin <= wanted && wanted < end;
    } else if (here && line.starts_with("VmFlags:")) {
      return line.find(" hg") != std::string::npos;
    }
  }
  return false;
}

TEST(pages, huge_pages_are_requested_unless_disabled) {
  constexpr std::size_t SIZE = 4 * page_block::LARGE_BYTES;
  for (const bool huge : {true, false}) {
    const auto memory = default_memory_resource({.huge_pages = huge});
    void* const data = memory->allocate(SIZE, device::host());
    EXPECT_EQ(asks_for_huge_pages(static_cast<std::byte*>(data) + SIZE / 2), huge);
    memory->deallocate(data, SIZE, device::host());
  }
}

TEST(pages, large_blocks_are_aligned_to_huge_pages) {
  for (const std::int64_t size : {1L, 4097L, 2 * mebibyte - 1, 2 * mebibyte, 2 * mebibyte + 1,
                                  3 * mebibyte + 5000, 4 * mebibyte}) {
    page_block block(static_cast<std::size_t>(size));
    ASSERT_EQ(block.bytes().size(), static_cast<std::size_t>(size));
    const std::int64_t alignment = size >= 2 * mebibyte ? 2 * mebibyte : 4096;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.bytes().data()) %
                  static_cast<std::uintptr_t>(alignment),
              0U);
    std::fill(block.bytes().begin(), block.bytes().end(), std::byte{1});
  }
}

// As the system tells it: pages of memory that is mapped and nothing more are not resident.
TEST(pages, all_pages_of_a_touched_block_are_resident) {
  for (const std::int64_t size : {std::int64_t{5000}, 3 * mebibyte, 67 * mebibyte + 4097}) {
    page_block block(static_cast<std::size_t>(size));
    std::vector<unsigned char> resident(static_cast<std::size_t>((size + 4095) / 4096));
    block.touch();
    ASSERT_EQ(mincore(block.bytes().data(), static_cast<std::size_t>(size), resident.data()), 0);
    EXPECT_TRUE(std::ranges::all_of(resident, [](auto page) { return (page & 1U) != 0; })) << size;
  }
}

TEST(pages, released_blocks_are_freed_explicitly) {
  constexpr std::size_t SIZE = 5 << 20;
  page_block block(SIZE);
  page_block moved(std::move(block));
  std::byte* const data = moved.release();
  EXPECT_TRUE(moved.bytes().empty());
  data[SIZE - 1] = std::byte{1};
  page_block::give_back(data, SIZE);
}

}  // namespace
}  // namespace warmstart::detail

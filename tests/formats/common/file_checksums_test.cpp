#include "formats/common/file_checksums.hpp"

#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "checksum/crc32.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail {
namespace {

TEST(file_checksums, checksums_of_a_part_are_those_of_its_bytes) {
  std::vector<std::byte> bytes((std::size_t{9} << 20) + 5);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7919 >> 8U);
  test::memory_files files;
  files.put("f", bytes);
  const auto from = files.open("f", read_mode::buffered);
  const file_range where{.begin = 3, .end = std::ssize(bytes) - 1};
  const auto part = std::span<const std::byte>(bytes).subspan(3, bytes.size() - 4);
  EXPECT_EQ(crc32_of(*from, where), crc32(part));
  EXPECT_EQ(crc32_of(*from, {.begin = 3, .end = 3}), 0U);
}

}  // namespace
}  // namespace warmstart::detail

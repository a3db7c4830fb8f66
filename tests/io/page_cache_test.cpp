#include "io/page_cache.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "io/file.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

constexpr std::size_t PAGES = 1000;  // more than are looked at

// Queries every page; the tested function takes samples.
std::size_t pages_in_cache(int descriptor, std::size_t pages = PAGES) {
  const std::size_t size = pages * 4096;
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  std::vector<unsigned char> there(pages);
  EXPECT_EQ(::mincore(mapped, size, there.data()), 0);
  ::munmap(mapped, size);
  return static_cast<std::size_t>(std::count_if(
      there.begin(), there.end(), [](unsigned char page) { return (page & 1U) != 0; }));
}

TEST(page_cache, a_sample_tells_what_of_a_file_is_in_memory) {
  const test::temporary_directory directory;
  test::write_file(directory / "f", std::string(PAGES * 4096, 'x'));
  EXPECT_EQ(system_files()->cached_share(directory / "f"), 1);

  // Which file systems keep it all the same differs; the sample has to agree.
  const int descriptor = ::open((directory / "f").c_str(), O_RDONLY);
  ASSERT_EQ(::fsync(descriptor), 0);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  const std::size_t left = pages_in_cache(descriptor);
  const double share = cached_share(descriptor, PAGES * 4096).value();
  ::close(descriptor);
  EXPECT_NEAR(share, static_cast<double>(left) / PAGES, 0.1);
}

// 511 is not quite two pages for each that is looked at.
TEST(page_cache, a_sample_has_its_share_of_the_end_of_the_file) {
  constexpr std::size_t FEW = 511;
  const test::temporary_directory directory;
  test::write_file(directory / "f", std::string(FEW * 4096, 'x'));
  const int descriptor = ::open((directory / "f").c_str(), O_RDONLY);
  ASSERT_EQ(::fsync(descriptor), 0);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM);
  std::vector<char> second_half(FEW / 2 * 4096);
  ASSERT_EQ(::pread(descriptor, second_half.data(), second_half.size(), (FEW - FEW / 2) * 4096),
            static_cast<ssize_t>(second_half.size()));
  const std::size_t left = pages_in_cache(descriptor, FEW);
  const double share = cached_share(descriptor, FEW * 4096).value();
  ::close(descriptor);
  EXPECT_NEAR(share, static_cast<double>(left) / FEW, 0.1);
}

TEST(page_cache, an_unknown_state_is_not_reported) {
  const test::temporary_directory directory;
  test::write_file(directory / "empty", "");
  EXPECT_EQ(system_files()->cached_share(directory / "empty"), 1);
  EXPECT_EQ(system_files()->cached_share(directory / "absent"), std::nullopt);
  EXPECT_EQ(cached_share(-1, 100), std::nullopt);
}

}  // namespace
}  // namespace warmstart::detail

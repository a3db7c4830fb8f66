#include "plan/sectors.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace warmstart::detail {
namespace {

std::int64_t counted(std::int64_t begin, std::int64_t run, std::span<const box_dimension> loops) {
  std::set<std::int64_t> sectors;
  std::vector<std::int64_t> starts = {begin};
  for (const box_dimension& loop : loops) {
    std::vector<std::int64_t> more;
    for (const std::int64_t start : starts) {
      for (std::int64_t i = 0; i < loop.count; ++i) more.push_back(start + i * loop.source_stride);
    }
    starts = more;
  }
  for (const std::int64_t start : starts) {
    for (std::int64_t at = start; at < start + run; ++at) sectors.insert(at / sector_bytes);
  }
  return static_cast<std::int64_t>(sectors.size());
}

TEST(sectors_read, sectors_of_a_run_are_counted) {
  EXPECT_EQ(sectors_read(0, 1, {}), 1);
  EXPECT_EQ(sectors_read(0, 32, {}), 1);
  EXPECT_EQ(sectors_read(1, 32, {}), 2);
  EXPECT_EQ(sectors_read(31, 2, {}), 2);
  EXPECT_EQ(sectors_read(96, 64, {}), 2);
}

TEST(sectors_read, sectors_of_every_small_box_are_counted) {
  for (const std::int64_t begin : {0, 1, 7, 16, 31, 32, 45}) {
    for (const std::int64_t run : {1, 4, 30, 32, 33, 100}) {
      for (std::int64_t gap = 0; gap < 70; ++gap) {
        for (const std::int64_t count : {2, 31, 32, 33, 70}) {
          const std::vector<box_dimension> inner = {{.count = count, .source_stride = run + gap}};
          EXPECT_EQ(sectors_read(begin, run, inner), counted(begin, run, inner))
              << begin << ' ' << run << ' ' << gap << ' ' << count;
          const std::int64_t all = (count - 1) * (run + gap) + run;
          const std::vector<box_dimension> loops = {{.count = 5, .source_stride = all + 3 * gap},
                                                    inner[0]};
          EXPECT_EQ(sectors_read(begin, run, loops), counted(begin, run, loops))
              << begin << ' ' << run << ' ' << gap << ' ' << count;
        }
      }
    }
  }
}

}  // namespace
}  // namespace warmstart::detail

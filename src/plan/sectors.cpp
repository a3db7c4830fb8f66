#include "plan/sectors.hpp"

#include <array>

namespace warmstart::detail {
namespace {

constexpr auto SECTOR = static_cast<std::size_t>(sector_bytes);

/// Number of runs that start at each position within a sector.
using run_counts = std::array<std::int64_t, SECTOR>;

// Positions within a sector repeat after `sector_bytes` steps, whatever the stride.
run_counts repeated(const run_counts& once, const box_dimension& loop) {
  const auto stride = static_cast<std::size_t>(loop.source_stride % sector_bytes);
  run_counts made{};
  for (std::size_t step = 0; step < SECTOR; ++step) {
    const std::int64_t times =
        (loop.count + sector_bytes - 1 - static_cast<std::int64_t>(step)) / sector_bytes;
    for (std::size_t position = 0; position < SECTOR; ++position) {
      made[(position + step * stride) % SECTOR] += times * once[position];
    }
  }
  return made;
}

}  // namespace

// Assumes that outer loops leave gaps at least as large as inner ones, as in a dense array.
std::int64_t sectors_read(std::int64_t begin_bytes, std::int64_t run_bytes,
                          std::span<const box_dimension> dimensions) {
  // No sector lies completely between runs that are less than a sector apart.
  while (!dimensions.empty() && dimensions.back().source_stride - run_bytes < sector_bytes) {
    run_bytes += (dimensions.back().count - 1) * dimensions.back().source_stride;
    dimensions = dimensions.first(dimensions.size() - 1);
  }
  run_counts runs{};
  runs[static_cast<std::size_t>(begin_bytes % sector_bytes)] = 1;
  for (const box_dimension& loop : dimensions) runs = repeated(runs, loop);
  std::int64_t sectors = 0;
  std::int64_t last = run_bytes - 1;  // relative to the sector in which the run starts
  for (const std::int64_t count : runs) sectors += count * (last++ / sector_bytes + 1);
  return sectors;
}

}  // namespace warmstart::detail

#include "formats/tensor_bundle/slice_overlap.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

namespace warmstart {
namespace {

// The dimension along which the slices lie most apart.
int sweep_dimension(std::span<const slice> slices) {
  int best = 0;
  std::size_t most = 0;
  for (int d = 0; d < slices.front().rank(); ++d) {
    std::set<std::int64_t> starts;
    for (const slice& one : slices) starts.insert(one[d].start);
    if (starts.size() > most) {
      most = starts.size();
      best = d;
    }
  }
  return best;
}

}  // namespace

std::optional<std::pair<slice, slice>> find_overlap(std::span<const slice> slices) {
  if (slices.size() < 2) return std::nullopt;
  if (slices.front().rank() == 0) return std::pair(slices[0], slices[1]);
  const int d = sweep_dimension(slices);
  std::vector<std::size_t> order(slices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return slices[a][d].start < slices[b][d].start; });
  std::vector<std::size_t> open;  // those that reach beyond where the sweep is
  for (const std::size_t i : order) {
    std::erase_if(open, [&](std::size_t earlier) {
      return slices[earlier][d].start + slices[earlier][d].length <= slices[i][d].start;
    });
    for (const std::size_t earlier : open) {
      if (intersection(slices[earlier], slices[i])) return std::pair(slices[earlier], slices[i]);
    }
    open.push_back(i);
  }
  return std::nullopt;
}

}  // namespace warmstart

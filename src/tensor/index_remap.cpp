#include "tensor/index_remap.hpp"

#include <algorithm>
#include <string>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

bool take_some_twice(std::vector<index_run> runs) {
  std::sort(runs.begin(), runs.end(),
            [](const index_run& a, const index_run& b) { return a.old_begin < b.old_begin; });
  std::int64_t taken = 0;
  for (const index_run& run : runs) {
    if (run.old_begin < 0) continue;
    if (run.old_begin < taken) return true;
    taken = run.old_begin + run.count;
  }
  return false;
}

}  // namespace

index_remap::index_remap(std::span<const std::int64_t> old_of_new)
    : size_(static_cast<std::int64_t>(old_of_new.size())) {
  for (std::int64_t i = 0; i < size_; ++i) {
    const std::int64_t old = old_of_new[static_cast<std::size_t>(i)];
    if (old < -1 || old == INT64_MAX) {
      throw error(error_code::invalid_argument,
                  "index " + std::to_string(old) + ": expected -1 or an index of at least 0");
    }
    old_end_ = std::max(old_end_, old + 1);
    if (!runs_.empty()) {
      index_run& last = runs_.back();
      if (old < 0 ? last.old_begin < 0
                  : last.old_begin >= 0 && last.old_begin + last.count == old) {
        ++last.count;
        continue;
      }
    }
    runs_.push_back({.begin = i, .count = 1, .old_begin = old});
  }
  repeats_ = take_some_twice(runs_);
}

std::vector<index_run> index_remap::runs(std::int64_t begin, std::int64_t end) const {
  std::vector<index_run> made;
  auto next = std::partition_point(runs_.begin(), runs_.end(),
                                   [&](const index_run& run) { return run.end() <= begin; });
  for (; next != runs_.end() && next->begin < end; ++next) {
    const std::int64_t first = std::max(begin, next->begin);
    made.push_back({.begin = first,
                    .count = std::min(end, next->end()) - first,
                    .old_begin = next->old_begin < 0 ? -1 : next->old_begin + first - next->begin});
  }
  const std::int64_t untold = std::max(begin, size_);
  if (untold >= end) return made;
  if (!made.empty() && made.back().old_begin < 0) {
    made.back().count = end - made.back().begin;
  } else {
    made.push_back({.begin = untold, .count = end - untold, .old_begin = -1});
  }
  return made;
}

}  // namespace warmstart::detail

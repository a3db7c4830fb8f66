#include <algorithm>

#include "plan/plan_builder.hpp"
#include "tensor/slice_union.hpp"

namespace warmstart::detail {
std::int64_t plan_builder::needed_bytes(std::uint32_t extent) const {
  const auto demands = demands_of(extent);
  if (demands.empty()) return 0;
  if (repeated_[extent]) return union_bytes(extent);
  if (demands.size() == 1) return wanted_bytes(demands.front());
  // Demands of one variable are disjoint; the general case is more expensive.
  const auto same_variable = [&](const demand& one) {
    const variable_info& row = rows_[one.row];
    const variable_info& first = rows_[demands.front().row];
    return row.variable == first.variable && row.replica == first.replica;
  };
  const std::int64_t all = plan_.extents[extent].size_bytes;
  std::int64_t sum = 0;
  for (const demand& one : demands) {
    sum += wanted_bytes(one);
    if (wanted_bytes(one) == all) return all;
  }
  if (several_layouts_[extent]) return union_bytes(extent);
  if (std::all_of(demands.begin(), demands.end(), same_variable)) return std::min(sum, all);
  std::vector<slice> slices;
  for (std::uint32_t i = first_demand_[extent]; i < first_demand_[extent + 1]; ++i) {
    if (!notes_[i].stored) return union_bytes(extent);
    slices.push_back(*notes_[i].stored);
  }
  return union_element_count(slices) *
         static_cast<std::int64_t>(size_of(demands.front().conversion.from));
}

// Counts the union run by run.
std::int64_t plan_builder::union_bytes(std::uint32_t extent) const {
  std::int64_t sum = 0;
  std::int64_t counted = 0;  // everything before is counted
  for (const span_range& range : ranges_of(extent, 0)) {
    sum += std::max<std::int64_t>(range.end - std::max(range.begin, counted), 0);
    counted = std::max(counted, range.end);
  }
  return sum;
}

std::vector<span_range> plan_builder::ranges_of(std::uint32_t extent,
                                                std::int64_t max_gap_bytes) const {
  std::vector<span_range> ranges;
  for (const demand& one : demands_of(extent)) {
    const auto unit = static_cast<std::int64_t>(size_of(one.conversion.from));
    const auto fresh = static_cast<std::ptrdiff_t>(ranges.size());
    source_ranges(one.box, max_gap_bytes / unit, ranges);
    for (auto range = ranges.begin() + fresh; range != ranges.end(); ++range) {
      *range = {.begin = range->begin * unit, .end = range->end * unit};
    }
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const span_range& a, const span_range& b) { return a.begin < b.begin; });
  return ranges;
}

std::vector<plan_builder::read_piece> plan_builder::choose_reads() {
  std::vector<read_piece> reads;
  std::vector<std::int64_t> needed;
  for (std::uint32_t extent = 0; extent < plan_.extents.size(); ++extent) {
    needed.push_back(wanted_whole_[extent] ? plan_.extents[extent].size_bytes
                                           : needed_bytes(extent));
    add_reads(extent, needed.back(), reads);
  }
  count(needed);
  return reads;
}

// Bytes that several extents contain are needed only once: overlapping extents together need no
// more than the range that they cover.
void plan_builder::count(std::span<const std::int64_t> needed) {
  const auto& extents = plan_.extents;
  for (std::size_t first = 0, next = 0; first < extents.size(); first = next) {
    std::int64_t end = extents[first].offset_bytes;
    std::int64_t sum = 0;
    std::int64_t unchecked = 0;
    for (; next < extents.size() && extents[next].file == extents[first].file &&
           (next == first || extents[next].offset_bytes < end);
         ++next) {
      end = std::max(end, extents[next].offset_bytes + extents[next].size_bytes);
      sum += needed[next];
      if (!extents[next].compared) unchecked += needed[next];
    }
    const std::int64_t covered = end - extents[first].offset_bytes;
    plan_.bytes_needed += std::min(sum, covered);
    plan_.bytes_unchecked += std::min(unchecked, covered);
  }
}

void plan_builder::add_reads(std::uint32_t extent, std::int64_t needed,
                             std::vector<read_piece>& reads) {
  plan_extent& stored = plan_.extents[extent];
  const bool has_checksum = stored.checksum.of_bytes();
  const bool whole = needed == stored.size_bytes || read_whole_[extent] ||
                     (options_.checksums && has_checksum &&
                      (options_.partial_checksums == partial_checksums::always ||
                       (options_.partial_checksums == partial_checksums::when_half &&
                        needed >= stored.size_bytes - needed)));
  const bool by_decoder = stored.checksum.kind == checksum_kind::by_decoder;
  stored.compared = options_.checksums && (by_decoder || (has_checksum && whole));
  if (whole) {
    cut(extent, {.begin = 0, .end = stored.size_bytes}, reads);
    return;
  }
  const std::vector<span_range> ranges = ranges_of(extent, options_.max_gap_bytes);
  span_range joined = ranges.front();
  for (const span_range& next : ranges) {
    if (next.begin - joined.end > options_.max_gap_bytes) {
      cut(extent, joined, reads);
      joined = next;
    }
    joined.end = std::max(joined.end, next.end);
  }
  cut(extent, joined, reads);
}

void plan_builder::cut(std::uint32_t extent, span_range bytes,
                       std::vector<read_piece>& reads) const {
  // Never cuts an element in two: each starts at a multiple of its size.
  const std::int64_t unit = largest_element_[extent];
  for (std::int64_t at = bytes.begin, end = 0; at < bytes.end; at = end) {
    end = std::min((at + chunk_bytes_) / unit * unit, bytes.end);
    reads.push_back({.extent = extent, .begin = at, .end = end});
  }
}

}  // namespace warmstart::detail

#include <algorithm>

#include "plan/plan_builder.hpp"

namespace warmstart {
std::int64_t plan_builder::needed_bytes(std::uint32_t extent) const {
  const auto demands = demands_of(extent);
  const std::int64_t all = plan_.extents[extent].size_bytes / element_bytes(extent);
  if (demands.empty()) return 0;
  if (demands.size() == 1) return demands.front().what.element_count() * element_bytes(extent);
  // Parts of one variable are disjoint; the general answer costs more.
  const auto same_variable = [&](const demand& one) {
    const variable_info& row = rows_[one.row];
    const variable_info& first = rows_[demands.front().row];
    return row.variable == first.variable && row.replica == first.replica;
  };
  std::int64_t sum = 0;
  for (const demand& one : demands) {
    sum += one.what.element_count();
    if (one.what.element_count() == all) return all * element_bytes(extent);
  }
  if (several_shapes_[extent]) {
    sum = std::min(sum, all);  // slices of different tensors: no more than this can be said
  } else if (!std::all_of(demands.begin(), demands.end(), same_variable)) {
    const auto slices =
        transfer_plan::part(demand_slices_, {first_demand_[extent], first_demand_[extent + 1]});
    sum = union_element_count({slices.begin(), slices.end()});
  }
  return sum * element_bytes(extent);
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

// Bytes of a file that several extents hold are needed once: together extents that overlap need no
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
      if (!extents[next].verified) unchecked += needed[next];
    }
    const std::int64_t covered = end - extents[first].offset_bytes;
    plan_.bytes_needed += std::min(sum, covered);
    plan_.bytes_unchecked += std::min(unchecked, covered);
  }
}

void plan_builder::add_reads(std::uint32_t extent, std::int64_t needed,
                             std::vector<read_piece>& reads) {
  plan_extent& stored = plan_.extents[extent];
  const bool has_checksum = stored.checksum.kind == checksum_kind::crc32c;
  const bool whole = needed == stored.size_bytes || read_whole_[extent] ||
                     (options_.checksums && has_checksum &&
                      (options_.partial == partial_checksums::always ||
                       (options_.partial == partial_checksums::when_half &&
                        needed >= stored.size_bytes - needed)));
  const bool by_decoder = stored.checksum.kind == checksum_kind::by_decoder;
  stored.verified = options_.checksums && (by_decoder || (has_checksum && whole));
  if (whole) {
    cut(extent, {.begin = 0, .end = stored.size_bytes}, reads);
    return;
  }
  const std::int64_t unit = element_bytes(extent);
  const std::int64_t max_gap = options_.max_gap_bytes / unit;
  std::vector<span_range> ranges;  // in elements
  for (const demand& one : demands_of(extent)) source_ranges(one.what, max_gap, ranges);
  std::sort(ranges.begin(), ranges.end(),
            [](const span_range& a, const span_range& b) { return a.begin < b.begin; });
  span_range joined = ranges.front();
  for (const span_range& next : ranges) {
    if (next.begin - joined.end > max_gap) {
      cut(extent, {.begin = joined.begin * unit, .end = joined.end * unit}, reads);
      joined = next;
    }
    joined.end = std::max(joined.end, next.end);
  }
  cut(extent, {.begin = joined.begin * unit, .end = joined.end * unit}, reads);
}

void plan_builder::cut(std::uint32_t extent, span_range bytes,
                       std::vector<read_piece>& reads) const {
  // No element is cut in two.
  const std::int64_t step = chunk_bytes_ / element_bytes(extent) * element_bytes(extent);
  for (std::int64_t at = bytes.begin; at < bytes.end; at += step) {
    reads.push_back({.extent = extent, .begin = at, .end = std::min(at + step, bytes.end)});
  }
}

}  // namespace warmstart

#include "load/gap_fills.hpp"

#include <utility>

#include "base/units.hpp"

namespace warmstart::detail {
namespace {

// A kernel launch costs about as much as writing this many bytes.
constexpr std::int64_t NEAR_BYTES = 64 * kibibyte;

// Extends `first` to include `next`, a later gap, if few bytes lie between the two.
bool join(slice& first, const slice& next, std::int64_t element_bytes) {
  std::vector<slice_extent> both = first.extents();
  if (both.empty()) return false;
  const slice_extent& end = next.extents().front();
  std::int64_t between = (end.start - both[0].start - both[0].length) * element_bytes;
  for (std::size_t d = 1; d < both.size(); ++d) {
    if (both[d] != next.extents()[d]) return false;
    between *= both[d].length;
  }
  if (between < 0 || between > NEAR_BYTES) return false;
  both[0].length = end.start + end.length - both[0].start;
  first = slice(std::move(both));
  return true;
}

}  // namespace

gap_fills::gap_fills(const load_job& job, std::span<backend* const> backends)
    : job_(job), backends_(backends) {
  for (const gap& one : job.plan.gaps) add(one);
}

void gap_fills::add(const gap& one) {
  const row_ref& row = job_.loads.rows[one.row];
  if (row.variable->is_left_alone()) return;
  const variable_info& info = job_.loads.infos[one.row];
  std::vector<slice_extent> place = one.slice.extents();
  for (std::size_t d = 0; d < place.size(); ++d) place[d].start += info.slice.extents()[d].start;
  slice where(std::move(place));
  const bool same_row = !rows_.empty() && rows_.back() == one.row;
  if (same_row && !backends_[one.row]->synchronous() &&
      join(places_.back(), where, static_cast<std::int64_t>(size_of(info.type)))) {
    return;
  }
  places_.push_back(std::move(where));
  rows_.push_back(one.row);
  targets_.push_back(backends_[one.row]);
  commands_.push_back(
      {.spec = resolve_initializer(row.variable->init, info.full_name, info.full_shape),
       .type = info.type,
       .full_shape = &info.full_shape,
       .slice = &places_.back(),
       .row = &info.slice,
       .destination = row.replica->data});
}

}  // namespace warmstart::detail

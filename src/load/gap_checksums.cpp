#include "load/gap_checksums.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/units.hpp"
#include "checksum/crc32c_box.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t made_at_once_bytes = 8 * mebibyte;

std::int64_t element_bytes(const recorded_gap& gap) {
  return static_cast<std::int64_t>(size_of(gap.type));
}

/// The loops over `wanted`, with strides in bytes, in memory that holds slice `held` of the row.
gap_bytes locate(const recorded_gap& gap, const slice& held, const slice& wanted) {
  const std::int64_t unit = element_bytes(gap);
  const box found = make_box(slice::all_of(gap.row_shape), held, wanted);
  gap_bytes made{
      .offset_bytes = found.destination * unit,
      .run_bytes = found.run * unit,
      .dimensions = found.dimensions,
      .following_bytes = (gap.row_shape.element_count() - found.source - found.run) * unit};
  for (box_dimension& loop : made.dimensions) {
    loop.source_stride *= unit;
    loop.destination_stride *= unit;
  }
  return made;
}

slice rows_of_slice(const slice& all, std::int64_t first, std::int64_t count) {
  std::vector<slice_extent> extents = all.extents();
  if (extents.empty()) return all;
  extents.front().start += first;
  extents.front().length = count;
  return slice(std::move(extents));
}

}  // namespace

std::vector<recorded_gap> record_gaps(const load_job& job) {
  std::vector<recorded_gap> all;
  all.reserve(job.plan.gaps.size());
  for (const gap& one : job.plan.gaps) {
    const variable_info& info = job.loads.infos[one.row];
    const variable_state& variable = *job.loads.rows[one.row].variable;
    std::vector<slice_extent> place = one.slice.extents();
    for (std::size_t d = 0; d < place.size(); ++d) place[d].start += info.slice.extents()[d].start;
    all.push_back({.row = one.row,
                   .in_row = one.slice,
                   .in_variable = slice(std::move(place)),
                   .row_shape = info.shape(),
                   .full_shape = info.full_shape,
                   .type = info.type,
                   .initializer = std::nullopt});
    if (!variable.is_left_alone()) {
      all.back().initializer = resolve_initializer(variable.init, info.full_name, info.full_shape);
    }
  }
  return all;
}

std::uint32_t initialized_remainder(const recorded_gap& gap) {
  const std::int64_t elements = gap.in_row.lengths().element_count();
  if (elements == 0) return 0;
  const std::int64_t rows = gap.in_row.rank() == 0 ? 1 : gap.in_row.extents().front().length;
  const std::int64_t row_bytes = elements / rows * element_bytes(gap);
  const std::int64_t at_once = std::max<std::int64_t>(made_at_once_bytes / row_bytes, 1);
  std::vector<std::byte> made;
  std::uint32_t sum = 0;
  for (std::int64_t first = 0; first < rows; first += at_once) {
    const std::int64_t count = std::min(at_once, rows - first);
    made.resize(static_cast<std::size_t>(count * row_bytes));
    fill_elements(*gap.initializer, gap.type, gap.full_shape,
                  rows_of_slice(gap.in_variable, first, count), made.data());
    const slice piece = rows_of_slice(gap.in_row, first, count);
    const gap_bytes where = locate(gap, piece, piece);
    sum ^= crc32c_box_remainder(made.data() + where.offset_bytes, where.run_bytes, where.dimensions,
                                where.following_bytes);
  }
  return sum;
}

gap_bytes resident_bytes_of(const recorded_gap& gap) {
  return locate(gap, slice::all_of(gap.row_shape), gap.in_row);
}

}  // namespace warmstart::detail

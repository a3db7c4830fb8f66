#include <algorithm>
#include <tuple>

#include "plan/plan_builder.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t MIRROR_ALIGNMENT = 256;
// Shorter runs are read to the slot: a copy costs less than an additional buffer of a read.
constexpr std::int64_t MIN_LANDING_BYTES = 512;

struct copy_range {
  std::uint32_t copy;
  std::int64_t begin;
  std::int64_t end;
  bool alone = true;
};

// Marks the ranges that overlap no other range. Sorts them by begin.
void find_alone(std::vector<copy_range>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const copy_range& a, const copy_range& b) { return a.begin < b.begin; });
  std::size_t furthest = 0;
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin < ranges[furthest].end) {
      ranges[i].alone = false;
      ranges[furthest].alone = false;
    }
    if (ranges[i].end > ranges[furthest].end) furthest = i;
  }
}

std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Range of the chunk's bytes that a copy reads.
span_range source_of(const transfer_plan& plan, const chunk_copy& copy) {
  const auto unit = static_cast<std::int64_t>(size_of(plan.demands[copy.demand].conversion.from));
  std::int64_t end = copy.source_bytes + copy.run * unit;
  for (const box_dimension& d : transfer_plan::part(plan.dimensions, copy.dimensions)) {
    end += (d.count - 1) * d.source_stride;
  }
  return {.begin = copy.source_bytes, .end = end};
}

}  // namespace

void plan_builder::choose_routes(chunk& done) {
  std::vector<copy_range> ranges;
  for (std::uint32_t i = done.copies.begin; i < done.copies.end; ++i) {
    const span_range source = source_of(plan_, plan_.copies[i]);
    ranges.push_back({.copy = i, .begin = source.begin, .end = source.end});
  }
  find_alone(ranges);

  std::int64_t covered = 0;
  const auto slot_until = [&](std::int64_t position) {
    if (position == covered) return;
    plan_.landings.push_back({.begin = covered});
    done.needs_slot = true;
  };
  for (const copy_range& range : ranges) {
    chunk_copy& copy = plan_.copies[range.copy];
    const demand& from = plan_.demands[copy.demand];
    if (!from.conversion.plain() || copy.dimensions.begin != copy.dimensions.end) continue;
    const std::int64_t run_bytes = range.end - range.begin;
    if (rows_[from.row].placed_on.kind() != device_kind::cpu) {
      if (run_bytes >= options_.min_run_bytes) copy.route = copy_route::run;
      continue;
    }
    copy.route = copy_route::run;
    if (!range.alone || options_.direct_reads || run_bytes < MIN_LANDING_BYTES) continue;
    copy.route = copy_route::landed;
    slot_until(range.begin);
    plan_.landings.push_back(
        {.begin = range.begin, .row = from.row, .destination_bytes = copy.destination_bytes});
    covered = range.end;
  }
  slot_until(done.size_bytes);
  done.landings.end = end_of(plan_.landings);
}

void plan_builder::add_uploads(chunk& done) {
  struct scattered {
    device to;
    span_range source;
    std::int64_t dimensions;
  };
  std::vector<scattered> list;
  for (const chunk_copy& copy : transfer_plan::part(plan_.copies, done.copies)) {
    const device& to = rows_[plan_.demands[copy.demand].row].placed_on;
    if (copy.route != copy_route::scattered || to.kind() == device_kind::cpu) continue;
    list.push_back({.to = to,
                    .source = source_of(plan_, copy),
                    .dimensions = copy.dimensions.end - copy.dimensions.begin});
  }
  std::stable_sort(list.begin(), list.end(), [](const scattered& a, const scattered& b) {
    return std::tie(a.to, a.source.begin) < std::tie(b.to, b.source.begin);
  });
  for (auto first = list.begin(); first != list.end();) {
    const auto last =
        std::find_if(first, list.end(), [&](const scattered& one) { return one.to != first->to; });
    upload made{.device = first->to, .ranges = {end_of(plan_.staged), end_of(plan_.staged)}};
    std::int64_t dimensions = 0;
    for (auto one = first; one != last; ++one) {
      dimensions += one->dimensions;
      if (!options_.mirrors) continue;
      const bool joins =
          one != first && one->source.begin - plan_.staged.back().end <= options_.max_gap_bytes;
      if (!joins) plan_.staged.push_back(one->source);
      plan_.staged.back().end = std::max(plan_.staged.back().end, one->source.end);
    }
    made.ranges.end = end_of(plan_.staged);
    made.list_bytes = scatter_list_bytes(last - first, dimensions);
    plan_.uploads.push_back(made);
    const auto known = std::lower_bound(plan_.mirrors.begin(), plan_.mirrors.end(), made.device);
    if (known == plan_.mirrors.end() || *known != made.device)
      plan_.mirrors.insert(known, made.device);
    first = last;
  }
  done.uploads.end = end_of(plan_.uploads);
}

// A slot contains the chunk, at the same offset within a page as in its file, and then the devices'
// lists.
std::int64_t plan_builder::slot_bytes_of(const chunk& one) const {
  std::int64_t end =
      round_up(one.offset_bytes % page_bytes + one.size_bytes, scatter_list_alignment);
  for (const upload& to : transfer_plan::part(plan_.uploads, one.uploads)) end += to.list_bytes;
  return round_up(end, page_bytes);
}

void plan_builder::choose_slots() {
  std::int64_t chunks = 0;
  for (const chunk& one : plan_.chunks) {
    if (!one.needs_slot) continue;
    ++chunks;
    plan_.slot_bytes = std::max(plan_.slot_bytes, slot_bytes_of(one));
  }
  if (chunks == 0) return;
  for (const upload& one : plan_.uploads) {
    plan_.mirror_bytes = std::max(plan_.mirror_bytes, round_up(one.list_bytes, MIRROR_ALIGNMENT));
  }
  if (options_.mirrors && !plan_.uploads.empty()) plan_.mirror_bytes = plan_.slot_bytes;
  plan_.slot_count = std::min(chunks, options_.budget_bytes / plan_.bytes_per_slot());
  if (host_only(rows_)) plan_.slot_count = std::min(plan_.slot_count, options_.readers);
}

bool host_only(std::span<const variable_info> rows) {
  return std::all_of(rows.begin(), rows.end(), [](const variable_info& row) {
    return row.placed_on.kind() == device_kind::cpu;
  });
}

// Prefers smaller slots to fewer ones: a reader without a slot waits. For devices each reader needs
// two slots, because it fills one while the other is being uploaded.
std::int64_t first_chunk_bytes(std::span<const variable_info> rows, const plan_options& options) {
  std::vector<device> scattering;
  for (const variable_info& row : rows) {
    if (options.mirrors && row.placed_on.kind() != device_kind::cpu &&
        std::find(scattering.begin(), scattering.end(), row.placed_on) == scattering.end()) {
      scattering.push_back(row.placed_on);
    }
  }
  const bool for_host_only = host_only(rows);
  std::int64_t preferred = options.chunk_bytes;
  // For reads from the page cache to the host, small chunks stay in the processor's cache.
  const std::int64_t for_host = options.direct_reads ? 4 * mebibyte : mebibyte;
  if (preferred == 0) preferred = for_host_only ? for_host : 4 * mebibyte;
  const std::int64_t slots = options.readers * (for_host_only ? 1 : 2) *
                             (1 + static_cast<std::int64_t>(scattering.size()));
  // A chunk may start within a page, so a slot is up to one page longer.
  return std::clamp(options.budget_bytes / slots - page_bytes, min_chunk_bytes,
                    std::max(preferred, min_chunk_bytes)) /
         page_bytes * page_bytes;
}

}  // namespace warmstart::detail

#include <algorithm>
#include <tuple>

#include "plan/plan_builder.hpp"

namespace warmstart {
namespace {

// Shorter runs are gathered in the slot: a copy costs less than one more buffer of a read.
constexpr std::int64_t MIN_LANDING_BYTES = 512;

std::uint32_t end_of(const auto& list) {
  return static_cast<std::uint32_t>(list.size());
}

}  // namespace

void plan_builder::make_chunks(std::vector<read_piece> reads) {
  const auto position = [&](const read_piece& piece) {
    const plan_extent& stored = plan_.extents[piece.extent];
    return std::tuple(stored.file, stored.offset_bytes + piece.begin, piece.extent);
  };
  std::stable_sort(reads.begin(), reads.end(), [&](const read_piece& a, const read_piece& b) {
    return position(a) < position(b);
  });
  for (const read_piece& piece : reads) {
    const plan_extent& stored = plan_.extents[piece.extent];
    const std::int64_t begin = stored.offset_bytes + piece.begin;
    const std::int64_t end = stored.offset_bytes + piece.end;
    const chunk* open = plan_.chunks.empty() ? nullptr : &plan_.chunks.back();
    const bool joins = open != nullptr && open->file == stored.file &&
                       begin >= open->offset_bytes + open->size_bytes &&
                       begin - (open->offset_bytes + open->size_bytes) <= options_.max_gap_bytes &&
                       end - open->offset_bytes <= chunk_bytes_;
    if (!joins) open_chunk(piece);
    chunk& current = plan_.chunks.back();
    current.size_bytes = end - current.offset_bytes;
    plan_.segments.push_back({.extent = piece.extent,
                              .begin = begin - current.offset_bytes,
                              .size_bytes = end - begin,
                              .extent_bytes = piece.begin});
    add_copies(piece, begin - current.offset_bytes);
  }
  if (!plan_.chunks.empty()) close_chunk();
}

void plan_builder::open_chunk(const read_piece& first) {
  if (!plan_.chunks.empty()) close_chunk();
  const plan_extent& stored = plan_.extents[first.extent];
  const auto here = [](const auto& list) { return index_range{end_of(list), end_of(list)}; };
  plan_.chunks.push_back({.file = stored.file,
                          .offset_bytes = stored.offset_bytes + first.begin,
                          .size_bytes = 0,
                          .needs_slot = false,
                          .landings = here(plan_.landings),
                          .segments = here(plan_.segments),
                          .copies = here(plan_.copies)});
}

void plan_builder::add_copies(const read_piece& piece, std::int64_t chunk_begin) {
  const std::int64_t unit = element_bytes(piece.extent);
  std::vector<box> parts;
  for (std::uint32_t index = first_demand_[piece.extent]; index < first_demand_[piece.extent + 1];
       ++index) {
    const demand& one = plan_.demands[index];
    if (one.what.source * unit >= piece.end) break;  // sorted by source
    const auto row_unit = static_cast<std::int64_t>(size_of(one.how.to));
    parts.clear();
    clip(one.what, piece.begin / unit, piece.end / unit, parts);
    for (const box& part : parts) {
      const auto first_dimension = end_of(plan_.dimensions);
      for (const box_dimension& d : part.dimensions) {
        plan_.dimensions.push_back({.count = d.count,
                                    .source_stride = d.source_stride * unit,
                                    .destination_stride = d.destination_stride * row_unit});
      }
      plan_.copies.push_back({.demand = index,
                              .landed = false,
                              .source_bytes = part.source * unit - piece.begin + chunk_begin,
                              .destination_bytes = part.destination * row_unit,
                              .run = part.run,
                              .dimensions = {first_dimension, end_of(plan_.dimensions)}});
    }
  }
}

namespace {

struct copy_range {
  std::uint32_t copy;
  std::int64_t begin;
  std::int64_t end;
  bool alone = true;
};

// Marks the ranges that no other one touches. Sorts by begin.
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

}  // namespace

void plan_builder::close_chunk() {
  chunk& done = plan_.chunks.back();
  done.segments.end = end_of(plan_.segments);
  done.copies.end = end_of(plan_.copies);
  plan_.bytes_read += done.size_bytes;

  std::vector<copy_range> ranges;
  for (std::uint32_t i = done.copies.begin; i < done.copies.end; ++i) {
    const chunk_copy& copy = plan_.copies[i];
    const auto unit = static_cast<std::int64_t>(size_of(plan_.demands[copy.demand].how.from));
    std::int64_t end = copy.source_bytes + copy.run * unit;
    for (const box_dimension& d : transfer_plan::part(plan_.dimensions, copy.dimensions)) {
      end += (d.count - 1) * d.source_stride;
    }
    ranges.push_back({.copy = i, .begin = copy.source_bytes, .end = end});
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
    copy.landed = range.alone && !options_.direct_reads && from.how.plain() &&
                  copy.dimensions.begin == copy.dimensions.end &&
                  range.end - range.begin >= MIN_LANDING_BYTES &&
                  rows_[from.row].placed_on.kind() == device_kind::cpu;
    if (!copy.landed) continue;
    slot_until(range.begin);
    plan_.landings.push_back(
        {.begin = range.begin, .row = from.row, .destination_bytes = copy.destination_bytes});
    covered = range.end;
  }
  slot_until(done.size_bytes);
  done.landings.end = end_of(plan_.landings);
}

}  // namespace warmstart

#include <algorithm>
#include <tuple>

#include "plan/plan_builder.hpp"

namespace warmstart::detail {

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
                          .read_bytes = 0,
                          .needs_slot = false,
                          .landings = here(plan_.landings),
                          .segments = here(plan_.segments),
                          .copies = here(plan_.copies),
                          .uploads = here(plan_.uploads),
                          .relays = here(plan_.chunk_relays)});
}

void plan_builder::add_copies(const read_piece& piece, std::int64_t chunk_begin) {
  std::vector<box> parts;
  std::uint32_t& left = first_left_[piece.extent];
  const std::uint32_t end = first_demand_[piece.extent + 1];
  while (left < end && source_end(plan_.demands[left]) <= piece.begin) ++left;
  for (std::uint32_t index = left; index < end; ++index) {
    const demand& one = plan_.demands[index];
    if (source_begin(one) >= piece.end) break;  // demands are sorted by it
    const auto unit = static_cast<std::int64_t>(size_of(one.conversion.from));
    const auto row_unit = static_cast<std::int64_t>(size_of(one.conversion.to));
    parts.clear();
    clip(one.box, piece.begin / unit, piece.end / unit, parts);
    for (const box& part : parts) {
      const auto first_dimension = end_of(plan_.dimensions);
      for (const box_dimension& d : part.dimensions) {
        plan_.dimensions.push_back({.count = d.count,
                                    .source_stride = d.source_stride * unit,
                                    .destination_stride = d.destination_stride * row_unit});
      }
      plan_.copies.push_back({.demand = index,
                              .route = copy_route::scattered,
                              .source_bytes = part.source * unit - piece.begin + chunk_begin,
                              .destination_bytes = part.destination * row_unit,
                              .run = part.run,
                              .dimensions = {first_dimension, end_of(plan_.dimensions)}});
    }
  }
}

std::int64_t plan_builder::read_bytes(const chunk& one) const {
  if (!options_.direct_reads) return one.size_bytes;
  const std::int64_t begin = one.offset_bytes / page_bytes * page_bytes;
  const std::int64_t end =
      (one.offset_bytes + one.size_bytes + page_bytes - 1) / page_bytes * page_bytes;
  const catalog_file& in = plan_.files[one.file];
  return (in.decoded_by ? end : std::min(end, in.identity.size_bytes)) - begin;
}

void plan_builder::close_chunk() {
  chunk& done = plan_.chunks.back();
  done.segments.end = end_of(plan_.segments);
  done.copies.end = end_of(plan_.copies);
  done.read_bytes = read_bytes(done);
  plan_.bytes_read += done.read_bytes;
  choose_routes(done);
  add_relays(done);
  add_uploads(done);
}

}  // namespace warmstart::detail

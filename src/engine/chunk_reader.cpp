#include "engine/chunk_reader.hpp"

#include <algorithm>
#include <set>

#include "base/units.hpp"
#include "checksum/checksum.hpp"
#include "engine/stream_copy.hpp"

namespace warmstart::detail {
namespace {

// Block size if checksums are computed: the block stays in a core's second-level cache until then.
constexpr std::int64_t BLOCK_BYTES = 256 * kibibyte;

// Mapped bytes that each reader may have consumed but not released.
constexpr std::int64_t RELEASED_BYTES = 8 * mebibyte;

std::int64_t page_begin(std::int64_t offset) {
  return offset / direct_alignment * direct_alignment;
}
std::int64_t page_end(std::int64_t offset) {
  return page_begin(offset + direct_alignment - 1);
}

}  // namespace

chunk_reader::chunk_reader(const load_request& request, file_table& files,
                           checksum_ledger& checksums, expectation_ledger& expectations,
                           trace_recorder::lane* lane)
    : request_(request),
      plan_(*request.plan),
      files_(files),
      checksums_(checksums),
      expected_(expectations, request.row_bytes),
      any_expectation_(std::find(plan_.row_checks.begin(), plan_.row_checks.end(),
                                 row_check::loaded) != plan_.row_checks.end()),
      lane_(lane) {}

std::byte* chunk_reader::origin(const chunk& one, std::span<std::byte> slot) {
  return slot.data() + (one.offset_bytes - page_begin(one.offset_bytes));
}

bool chunk_reader::run(std::uint32_t number, std::span<std::byte> slot,
                       const std::function<bool()>& stopping) {
  const chunk& one = plan_.chunks[number];
  bool whole = false;
  try {
    whole = read(number, slot, stopping);
  } catch (const error& bad) {
    const bool by_decoder = plan_.files[one.file].decoded_by && bad.code() == error_code::corrupt;
    if (!by_decoder || !checksums_.keep(bad)) throw;
    whole = true;
  }
  if (!whole) return false;
  if (has_host_copies(one)) {
    const traced copying(lane_, traced_work::copy, number, one.size_bytes);
    copy_to_host(one, slot);
  }
  files_.finish_chunk(one.file);
  return true;
}

bool chunk_reader::read(std::uint32_t number, std::span<std::byte> slot,
                        const std::function<bool()>& stopping) {
  const chunk& one = plan_.chunks[number];
  const auto from = files_.open(one.file);
  slot_ = slot.empty() ? nullptr : origin(one, slot);
  segment_ = one.segments.begin;
  remainder_ = 0;
  const bool direct = request_.mode == read_mode::direct;
  if (direct) {
    const traced reading(lane_, traced_work::read, number, one.read_bytes);
    read_direct(one, *from, slot);
  }
  const traced working(lane_, direct ? traced_work::check : traced_work::read, number,
                       one.size_bytes);
  const bool summed = any_expectation_ || is_checked(one);
  const std::int64_t block_bytes = summed ? BLOCK_BYTES : one.size_bytes;
  for (std::int64_t begin = 0; begin < one.size_bytes; begin += block_bytes) {
    if (stopping()) return false;
    const block here{.begin = begin, .end = std::min(begin + block_bytes, one.size_bytes)};
    if (!direct) read_block(one, *from, here, summed);
    check_block(one, here);
    if (any_expectation_) expect_block(one, here);
  }
  if (request_.mode == read_mode::mapped) release(one, from);
  return true;
}

std::byte* chunk_reader::address(const chunk& one, std::int64_t position) const {
  const auto landings = transfer_plan::part(plan_.landings, one.landings);
  const auto next =
      std::upper_bound(landings.begin(), landings.end(), position,
                       [](std::int64_t at, const landing& where) { return at < where.begin; });
  const landing& here = *std::prev(next);
  if (here.row == landing::slot) return slot_ + position;
  return request_.addresses[here.row] + here.destination_bytes + (position - here.begin);
}

// Visits the destinations of positions [begin, end) of the chunk, piece by piece.
template <class Visit>
void chunk_reader::for_each_piece(const chunk& one, std::int64_t begin, std::int64_t end,
                                  Visit visit) const {
  const auto landings = transfer_plan::part(plan_.landings, one.landings);
  auto next =
      std::upper_bound(landings.begin(), landings.end(), begin,
                       [](std::int64_t at, const landing& where) { return at < where.begin; });
  while (begin < end) {
    const std::int64_t piece_end = next == landings.end() ? end : std::min(end, next->begin);
    const landing& here = *std::prev(next);
    std::byte* data = here.row == landing::slot ? slot_ + begin
                                                : request_.addresses[here.row] +
                                                      here.destination_bytes + (begin - here.begin);
    visit(std::span(data, static_cast<std::size_t>(piece_end - begin)), here);
    begin = piece_end;
    if (next != landings.end()) ++next;
  }
}

// Releases used pages in batches: each release interrupts all processors.
void chunk_reader::release(const chunk& done, const std::shared_ptr<const file>& from) {
  if (used_.file != from || used_.end != done.offset_bytes) {
    release_used();
    used_ = {.file = from, .begin = done.offset_bytes, .end = done.offset_bytes};
  }
  used_.end += done.size_bytes;
  if (used_.end - used_.begin >= RELEASED_BYTES) release_used();
}

void chunk_reader::release_used() {
  if (used_.file) used_.file->release_in_place(used_.begin, used_.end - used_.begin);
  used_.begin = used_.end;
}

// Copies a block to its destinations. Bytes that are read again soon go through the processor's
// cache, others by non-temporal copies.
void chunk_reader::land(const chunk& one, const block& here, std::span<const std::byte> bytes,
                        bool summed) const {
  for_each_piece(one, here.begin, here.end, [&](std::span<std::byte> piece, const landing& in) {
    const auto source = bytes.first(piece.size());
    if (summed || in.row == landing::slot) {
      std::copy(source.begin(), source.end(), piece.begin());
    } else {
      stream_copy(piece, source);
    }
    bytes = bytes.subspan(piece.size());
  });
}

// Reads mapped bytes only once, because the file may be written to meanwhile: checksums are
// computed from the copy at the destination.
void chunk_reader::read_block(const chunk& one, const file& from, const block& here, bool summed) {
  const std::int64_t offset = one.offset_bytes + here.begin;
  if (request_.mode == read_mode::mapped) {
    const auto use = [&](std::span<const std::byte> bytes) { land(one, here, bytes, summed); };
    if (from.read_in_place(offset, here.end - here.begin, std::cref(use))) return;
  }
  buffers_.clear();
  for_each_piece(one, here.begin, here.end, [&](std::span<std::byte> piece, const landing& /*in*/) {
    buffers_.push_back(piece);
  });
  from.read(offset, buffers_);
}

void chunk_reader::read_direct(const chunk& one, const file& from, std::span<std::byte> slot) {
  const std::int64_t begin = page_begin(one.offset_bytes);
  const std::int64_t end = page_end(one.offset_bytes + one.size_bytes);
  from.read(begin, slot.first(static_cast<std::size_t>(end - begin)));
}

bool chunk_reader::is_checked(const chunk& one) const {
  const auto segments = transfer_plan::part(plan_.segments, one.segments);
  return std::any_of(segments.begin(), segments.end(),
                     [&](const segment& part) { return plan_.extents[part.extent].is_checked(); });
}

void chunk_reader::check_block(const chunk& one, const block& here) {
  for (; segment_ < one.segments.end; ++segment_, remainder_ = 0) {
    const segment& part = plan_.segments[segment_];
    const std::int64_t part_end = part.begin + part.size_bytes;
    if (part.begin >= here.end) return;
    const plan_extent& of = plan_.extents[part.extent];
    const bool checked = of.is_checked();
    if (checked) {
      const auto remainder = arithmetic_of(of.checksum.kind).remainder;
      const std::int64_t begin = std::max(here.begin, part.begin);
      const std::int64_t end = std::min(here.end, part_end);
      for_each_piece(one, begin, end, [&](std::span<const std::byte> piece, const landing& /*in*/) {
        remainder_ = remainder(piece, remainder_);
      });
    }
    if (part_end > here.end) return;
    if (checked) checksums_.add(part, remainder_);
  }
}

void chunk_reader::commands(const load_request& request, const chunk& one,
                            std::span<std::byte> slot, const backend* target,
                            chunk_commands& into) {
  into.runs.clear();
  into.scattered.clear();
  const transfer_plan& plan = *request.plan;
  const std::byte* source = origin(one, slot);
  for (const chunk_copy& copy : transfer_plan::part(plan.copies, one.copies)) {
    const demand& wanted = plan.demands[copy.demand];
    if (request.backends[wanted.row] != target) continue;
    if (copy.route == copy_route::landed || copy.route == copy_route::relayed) continue;
    auto& list = copy.route == copy_route::run ? into.runs : into.scattered;
    list.push_back({.source = source + copy.source_bytes,
                    .destination = request.addresses[wanted.row] + copy.destination_bytes,
                    .conversion = wanted.conversion,
                    .run = copy.run,
                    .dimensions = transfer_plan::part(plan.dimensions, copy.dimensions)});
  }
}

bool chunk_reader::has_host_copies(const chunk& one) const {
  const auto copies = transfer_plan::part(plan_.copies, one.copies);
  return std::any_of(copies.begin(), copies.end(), [&](const chunk_copy& copy) {
    return copy.route != copy_route::landed &&
           request_.backends[plan_.demands[copy.demand].row]->synchronous();
  });
}

void chunk_reader::copy_to_host(const chunk& one, std::span<std::byte> slot) {
  std::set<backend*> done;
  for (const chunk_copy& copy : transfer_plan::part(plan_.copies, one.copies)) {
    backend* target = request_.backends[plan_.demands[copy.demand].row];
    if (copy.route == copy_route::landed || !target->synchronous()) continue;
    if (!done.insert(target).second) continue;
    commands(request_, one, slot, target, commands_);
    target->copy({.runs = commands_.runs, .scattered = commands_.scattered});
  }
}

// Adds contiguous runs block by block; strided or converted copies once the whole chunk has been
// read.
void chunk_reader::expect_block(const chunk& one, const block& here) {
  for (const chunk_copy& copy : transfer_plan::part(plan_.copies, one.copies)) {
    const demand& wanted = plan_.demands[copy.demand];
    if (plan_.row_checks[wanted.row] != row_check::loaded) continue;
    if (plan_.expected_like[wanted.row] != wanted.row) continue;
    const auto dimensions = transfer_plan::part(plan_.dimensions, copy.dimensions);
    if (!wanted.conversion.plain() || !dimensions.empty()) {
      if (here.end < one.size_bytes) continue;
      expected_.add(wanted, copy, dimensions, address(one, copy.source_bytes));
      continue;
    }
    const auto run_bytes = copy.run * static_cast<std::int64_t>(size_of(wanted.conversion.from));
    const std::int64_t first = std::max(here.begin, copy.source_bytes);
    const std::int64_t last = std::min(here.end, copy.source_bytes + run_bytes);
    if (first >= last) continue;
    expected_.add_run(wanted.row, address(one, first),
                      copy.destination_bytes + (first - copy.source_bytes), last - first);
  }
}

}  // namespace warmstart::detail

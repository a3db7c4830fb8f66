// Plans peer copies between replicas.

#include <algorithm>
#include <optional>
#include <tuple>

#include "plan/plan_builder.hpp"

namespace warmstart::detail {
namespace {

// Number of bytes that a copy fills contiguously, or nothing if it leaves gaps.
std::optional<std::int64_t> bytes_without_gap(std::span<const box_dimension> dimensions,
                                              std::int64_t run_bytes) {
  std::int64_t filled = run_bytes;
  for (auto d = dimensions.rbegin(); d != dimensions.rend(); ++d) {
    if (d->destination_stride != filled) return std::nullopt;
    filled *= d->count;
  }
  return filled;
}

// A peer copy pays off for fewer bytes than a copy from the host, because it relieves the host
// link.
std::int64_t min_relay_bytes(const plan_options& options) {
  return std::min(options.min_run_bytes, 64 * kibibyte);
}

std::int64_t elements_of(std::span<const box_dimension> dimensions, std::int64_t run) {
  for (const box_dimension& d : dimensions) run *= d.count;
  return run;
}

}  // namespace

void plan_builder::find_replicas() {
  replicas_of_.assign(rows_.size(), NO_REPLICAS);
  if (options_.links.peer_gbps.empty()) return;
  for (std::uint32_t begin = 0, end = 0; begin < rows_.size(); begin = end) {
    std::vector<std::uint32_t> rows;
    for (end = begin; end < rows_.size() && rows_[end].variable == rows_[begin].variable &&
                      rows_[end].part == rows_[begin].part;
         ++end) {
      if (rows_[end].placed_on.kind() != device_kind::cpu) rows.push_back(end);
    }
    if (rows.size() < 2 || rows_[begin].size_bytes() < min_relay_bytes(options_)) continue;
    for (const std::uint32_t row : rows) {
      replicas_of_[row] = static_cast<std::uint32_t>(replicas_.size());
    }
    replicas_.push_back({.rows = std::move(rows)});
  }
  // Bytes that are copied as soon as a chunk has arrived must be contiguous in the row.
  for (const demand& one : plan_.demands) {
    const std::uint32_t number = replicas_of_[one.row];
    if (number != NO_REPLICAS && !bytes_without_gap(one.box.dimensions, one.box.run)) {
      replicas_[number].as_a_whole = true;
    }
  }
}

void plan_builder::add_relays(chunk& done) {
  if (replicas_.empty()) return;
  std::vector<std::uint32_t> shared;
  for (std::uint32_t i = done.copies.begin; i < done.copies.end; ++i) {
    const std::uint32_t row = plan_.demands[plan_.copies[i].demand].row;
    if (replicas_of_[row] != NO_REPLICAS) {
      shared.push_back(i);
    } else if (rows_[row].placed_on.kind() != device_kind::cpu) {
      loads_.add_from_host(rows_[row].placed_on, source_bytes(plan_.copies[i]));
    }
  }
  const auto key = [&](std::uint32_t i) {
    const chunk_copy& copy = plan_.copies[i];
    const std::uint32_t row = plan_.demands[copy.demand].row;
    return std::tuple(replicas_of_[row], copy.destination_bytes, row);
  };
  std::sort(shared.begin(), shared.end(), [&](auto a, auto b) { return key(a) < key(b); });
  const auto same = [&](std::uint32_t a, std::uint32_t b) {
    return std::get<0>(key(a)) == std::get<0>(key(b)) &&
           plan_.copies[a].destination_bytes == plan_.copies[b].destination_bytes;
  };
  // Each group of equal copies has one per replica, in the order of the group's rows.
  for (auto first = shared.begin(); first != shared.end();) {
    const auto last = std::find_if(first, shared.end(), [&](auto i) { return !same(*first, i); });
    replica_group& of = replicas_[std::get<0>(key(*first))];
    if (static_cast<std::size_t>(last - first) == of.rows.size()) {
      relay_copies(of, std::span(first, last));
    }
    first = last;
  }
  done.relays.end = static_cast<std::uint32_t>(plan_.chunk_relays.size());
}

void plan_builder::relay_copies(replica_group& of, std::span<const std::uint32_t> copies) {
  const chunk_copy& first = plan_.copies[copies.front()];
  if (of.as_a_whole) {
    if (of.ways.empty()) {
      const std::int64_t bytes = rows_[of.rows.front()].size_bytes();
      const conversion& how = plan_.demands[first.demand].conversion;
      const auto host_bytes = bytes / static_cast<std::int64_t>(size_of(how.to)) *
                              static_cast<std::int64_t>(size_of(how.from));
      choose_ways(of, {.begin = 0, .end = bytes}, host_bytes);
    }
  } else {
    const auto unit = static_cast<std::int64_t>(size_of(plan_.demands[first.demand].conversion.to));
    const auto bytes = bytes_without_gap(transfer_plan::part(plan_.dimensions, first.dimensions),
                                         first.run * unit);
    if (!bytes || *bytes < min_relay_bytes(options_)) {
      for (std::size_t i = 0; i < copies.size(); ++i) {
        loads_.add_from_host(rows_[of.rows[i]].placed_on, source_bytes(first));
      }
      return;
    }
    choose_ways(of, {.begin = first.destination_bytes, .end = first.destination_bytes + *bytes},
                source_bytes(first));
  }
  const auto chunk_number = static_cast<std::uint32_t>(plan_.chunks.size());
  for (const delivery& way : of.ways) {
    if (way.source == delivery::from_host) continue;
    plan_.copies[copies[way.device]].route = copy_route::relayed;
  }
  if (of.last_chunk == chunk_number && of.as_a_whole) return;
  of.last_chunk = chunk_number;
  for (std::uint32_t i = of.relays.begin; i < of.relays.end; ++i) {
    ++plan_.relays[i].chunks;
    plan_.chunk_relays.push_back(i);
  }
}

// Chooses the source of these bytes for each row.
void plan_builder::choose_ways(replica_group& of, span_range bytes, std::int64_t host_bytes) {
  std::vector<device> devices;
  for (const std::uint32_t row : of.rows) devices.push_back(rows_[row].placed_on);
  of.ways = loads_.spread(devices, host_bytes, bytes.end - bytes.begin);
  std::vector<std::uint32_t> brought_by(of.rows.size(), relay::host);
  of.relays.begin = static_cast<std::uint32_t>(plan_.relays.size());
  for (const delivery& way : of.ways) {
    if (way.source == delivery::from_host) continue;
    brought_by[way.device] = static_cast<std::uint32_t>(plan_.relays.size());
    plan_.relays.push_back({.from = of.rows[way.source],
                            .to = of.rows[way.device],
                            .bytes = bytes,
                            .after = brought_by[way.source]});
  }
  of.relays.end = static_cast<std::uint32_t>(plan_.relays.size());
}

std::int64_t plan_builder::source_bytes(const chunk_copy& copy) const {
  return elements_of(transfer_plan::part(plan_.dimensions, copy.dimensions), copy.run) *
         static_cast<std::int64_t>(size_of(plan_.demands[copy.demand].conversion.from));
}

}  // namespace warmstart::detail

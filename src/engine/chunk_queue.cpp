#include "engine/chunk_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/units.hpp"

namespace warmstart::detail {
namespace {

// Bytes that a reader takes at once: several huge pages, because two readers that touch the same
// fresh page both clear it; but only a small share of the remaining bytes, so that all readers end
// at about the same time.
constexpr std::int64_t SHARE_BYTES = 8 * mebibyte;
constexpr std::int64_t SHARE_OF_REST = 64;

}  // namespace

chunk_queue::chunk_queue(const transfer_plan& plan, std::span<backend* const> backends,
                         std::span<backend* const> devices, std::size_t slot_count)
    : plan_(plan), held_(devices.size()), left_(plan.chunks.size()) {
  std::map<const backend*, std::uint32_t> numbers;
  for (backend* one : devices) numbers.emplace(one, static_cast<std::uint32_t>(numbers.size()));
  std::map<std::pair<std::vector<std::uint32_t>, bool>, std::uint32_t> known;
  bool host_takes_slots = false;
  for (std::uint32_t i = 0; i < plan.chunks.size(); ++i) {
    const chunk& one = plan.chunks[i];
    auto of = std::pair(find_devices(one, numbers, backends), one.needs_slot);
    const auto number = static_cast<std::uint32_t>(groups_.size());
    const auto [found, fresh] = known.try_emplace(of, number);
    if (fresh) {
      host_takes_slots = host_takes_slots || (one.needs_slot && of.first.empty());
      groups_.push_back({.devices = std::move(of.first), .needs_slot = one.needs_slot});
    }
    groups_[found->second].chunks.push_back(i);
    group_of_.push_back(found->second);
  }
  const std::size_t takers = devices.size() + (host_takes_slots ? 1 : 0);
  if (takers > 0) share_ = std::max<std::size_t>(1, (slot_count + takers - 1) / takers);
  for (const group& one : groups_) next_[one.needs_slot].others.push(one.chunks.front());
  for (next_chunks& of : next_) of.refill();
}

void chunk_queue::next_chunks::refill() {
  while (searched.size() < SEARCHED_GROUPS && !others.empty()) {
    const std::uint32_t first = others.top();
    others.pop();
    searched.insert(std::upper_bound(searched.begin(), searched.end(), first), first);
  }
}

std::vector<std::uint32_t> chunk_queue::find_devices(
    const chunk& one, const std::map<const backend*, std::uint32_t>& numbers,
    std::span<backend* const> backends) const {
  std::vector<std::uint32_t> found;
  if (numbers.empty()) return found;
  for (const chunk_copy& copy : transfer_plan::part(plan_.copies, one.copies)) {
    if (copy.route == copy_route::relayed) continue;
    const auto number = numbers.find(backends[plan_.demands[copy.demand].row]);
    if (number != numbers.end()) found.push_back(number->second);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

// The first chunk in the file among those that may be taken now.
std::uint32_t chunk_queue::next_chunk(bool slot_free) const noexcept {
  std::uint32_t first = NONE;
  for (std::size_t needs_slot = 0; needs_slot <= (slot_free ? 1U : 0U); ++needs_slot) {
    for (const std::uint32_t chunk : next_[needs_slot].searched) {
      if (chunk > first) break;
      ++groups_examined_;
      const auto devices = devices_of(chunk);
      if (std::all_of(devices.begin(), devices.end(),
                      [&](auto device) { return held_[device] < share_; })) {
        first = chunk;
      }
    }
  }
  return first;
}

index_range chunk_queue::take(bool slot_free) {
  const std::uint32_t first = next_chunk(slot_free);
  group& from = groups_[group_of_[first]];
  index_range taken{.begin = first, .end = first + 1};
  for (const std::uint32_t device : from.devices) ++held_[device];
  if (from.needs_slot) {
    bytes_taken_ += plan_.chunks[first].read_bytes;
  } else {
    widen(from, taken);
  }
  from.next += taken.end - taken.begin;
  left_ -= taken.end - taken.begin;
  next_chunks& next = next_[from.needs_slot];
  next.searched.erase(std::lower_bound(next.searched.begin(), next.searched.end(), first));
  if (from.next < from.chunks.size()) next.others.push(from.chunks[from.next]);
  next.refill();
  return taken;
}

void chunk_queue::widen(group& from, index_range& taken) {
  const std::int64_t most =
      std::min(SHARE_BYTES, (plan_.bytes_read - bytes_taken_) / SHARE_OF_REST);
  std::int64_t bytes = plan_.chunks[taken.begin].read_bytes;
  for (std::size_t next = from.next + 1;
       next < from.chunks.size() && from.chunks[next] == taken.end &&
       bytes + plan_.chunks[taken.end].read_bytes <= most;
       ++next) {
    bytes += plan_.chunks[taken.end++].read_bytes;
  }
  bytes_taken_ += bytes;
}

}  // namespace warmstart::detail

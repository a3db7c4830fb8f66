#include "engine/chunk_queue.hpp"

#include <algorithm>
#include <utility>

#include "core/units.hpp"

namespace warmstart {
namespace {

// What a reader takes at once: some huge pages, for while two readers touch a fresh one at the same
// time, both clear it. But never much of what is left, or the others end before it does.
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

// Of those that may go on, the one that is first in the file.
std::size_t chunk_queue::next_group(bool slot_free) const noexcept {
  std::size_t best = NONE;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const group& one = groups_[i];
    if (one.next == one.chunks.size() || (one.needs_slot && !slot_free)) continue;
    if (best != NONE && groups_[best].chunks[groups_[best].next] < one.chunks[one.next]) continue;
    const bool has_room = std::all_of(one.devices.begin(), one.devices.end(),
                                      [&](auto device) { return held_[device] < share_; });
    if (has_room) best = i;
  }
  return best;
}

index_range chunk_queue::take(bool slot_free) {
  group& from = groups_[next_group(slot_free)];
  const std::uint32_t first = from.chunks[from.next];
  index_range taken{.begin = first, .end = first + 1};
  for (const std::uint32_t device : from.devices) ++held_[device];
  if (from.needs_slot) {
    bytes_taken_ += plan_.chunks[first].read_bytes;
  } else {
    widen(from, taken);
  }
  from.next += taken.end - taken.begin;
  left_ -= taken.end - taken.begin;
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

}  // namespace warmstart

#include "engine/trace_recorder.hpp"

#include <algorithm>
#include <map>

namespace warmstart::detail {

trace_recorder::lane& trace_recorder::add_lane(std::string group, std::string name) {
  const std::lock_guard lock(mutex_);
  return lanes_.emplace_back(start_, std::move(group), std::move(name));
}

trace_recorder::lane& trace_recorder::add_reader() {
  const std::lock_guard lock(mutex_);
  return lanes_.emplace_back(start_, "readers", "reader " + std::to_string(readers_++));
}

void trace_recorder::add_device(const device& device, std::span<const timed_command> commands) {
  std::map<std::string, lane*> streams;
  for (const timed_command& one : commands) {
    lane*& in = streams[one.stream];
    if (in == nullptr) in = &add_lane(to_string(device), one.stream);
    in->add(one.work, one.begin, one.end, one.chunk, static_cast<std::int64_t>(one.size_bytes));
  }
}

void trace_recorder::release(std::uint32_t chunk, const device& by) {
  releases_.push_back(
      {.chunk = chunk, .release = {.device = by, .time = seconds_between(start_, clock::now())}});
}

void trace_recorder::tell_of_slots(std::vector<traced_chunk>& chunks) const {
  std::int64_t slot = 0;
  for (const lane& one : lanes_) {
    if (one.made_.group != "slots") continue;
    for (const trace_event& event : one.made_.events) {
      chunks[static_cast<std::size_t>(event.chunk)].slot = slot;
    }
    ++slot;
  }
  for (const chunk_release& one : releases_) chunks[one.chunk].released.push_back(one.release);
}

load_trace trace_recorder::take(const transfer_plan& plan) {
  load_trace made;
  for (const catalog_file& file : plan.files) made.files.push_back(file.path);
  for (const chunk& one : plan.chunks) {
    const auto segments = transfer_plan::part(plan.segments, one.segments);
    made.chunks.push_back(
        {.file = one.file,
         .offset_bytes = one.offset_bytes,
         .size_bytes = one.size_bytes,
         .tensor = segments.empty() ? "" : plan.extents[segments.front().extent].tensor});
  }
  tell_of_slots(made.chunks);
  for (lane& one : lanes_) made.lanes.push_back(std::move(one.made_));
  // Lanes are added in the order in which threads start. Sort them: readers, slots, driver,
  // devices.
  const auto rank = [](const trace_lane& of) {
    const std::vector<std::string> first = {"readers", "slots", "driver"};
    return std::find(first.begin(), first.end(), of.group) - first.begin();
  };
  std::stable_sort(made.lanes.begin(), made.lanes.end(),
                   [&](const trace_lane& a, const trace_lane& b) {
                     return std::pair(rank(a), a.group) < std::pair(rank(b), b.group);
                   });
  return made;
}

}  // namespace warmstart::detail

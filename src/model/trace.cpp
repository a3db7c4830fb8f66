#include "warmstart/trace.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace warmstart {
namespace {

using nlohmann::ordered_json;

ordered_json name_json(std::string_view of, std::size_t process, std::size_t thread,
                       const std::string& name) {
  return {{"ph", "M"}, {"name", of}, {"pid", process}, {"tid", thread}, {"args", {{"name", name}}}};
}

ordered_json event_json(const load_trace& trace, const trace_event& event, std::size_t process,
                        std::size_t thread) {
  constexpr double MICROSECONDS = 1e6;
  ordered_json json = {{"ph", "X"},
                       {"name", to_string(event.work)},
                       {"pid", process},
                       {"tid", thread},
                       {"ts", event.begin * MICROSECONDS},
                       {"dur", (event.end - event.begin) * MICROSECONDS}};
  ordered_json& about = json["args"];
  about = ordered_json::object();
  if (event.bytes > 0) about["bytes"] = event.bytes;
  if (event.chunk < 0) return json;
  const traced_chunk& chunk = trace.chunks[static_cast<std::size_t>(event.chunk)];
  about["chunk"] = event.chunk;
  about["file"] = trace.files[chunk.file];
  about["offset"] = chunk.offset_bytes;
  about["tensor"] = chunk.tensor;
  if (chunk.slot >= 0) about["slot"] = chunk.slot;
  if (event.work == traced_work::hold) {
    for (const slot_release& one : chunk.released) {
      about["released"][to_string(one.device)] = one.time * MICROSECONDS;
    }
  }
  return json;
}

}  // namespace

std::string_view to_string(traced_work work) noexcept {
  switch (work) {
    case traced_work::wait:
      return "wait";
    case traced_work::read:
      return "read";
    case traced_work::check:
      return "check";
    case traced_work::copy:
      return "copy";
    case traced_work::hold:
      return "hold";
    case traced_work::submit:
      return "submit";
    case traced_work::upload:
      return "upload";
    case traced_work::kernel:
      return "kernel";
    case traced_work::relay:
      return "relay";
    case traced_work::fill:
      return "fill";
  }
  return "";
}

std::string to_chrome_json(const load_trace& trace) {
  // One event per line, because the file may be long.
  std::string text = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [";
  auto add = [&, first = true](const ordered_json& event) mutable {
    text += first ? "\n" : ",\n";
    text += event.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    first = false;
  };
  std::map<std::string, std::size_t> processes;
  for (std::size_t thread = 0; thread < trace.lanes.size(); ++thread) {
    const trace_lane& lane = trace.lanes[thread];
    const auto [known, fresh] = processes.try_emplace(lane.group, processes.size());
    const std::size_t process = known->second;
    if (fresh) add(name_json("process_name", process, thread, lane.group));
    add(name_json("thread_name", process, thread, lane.name));
    for (const trace_event& event : lane.events) add(event_json(trace, event, process, thread));
  }
  return text + "\n]}\n";
}

}  // namespace warmstart

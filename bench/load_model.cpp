#include "load_model.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace warmstart::detail {
namespace {

double seconds_at(std::int64_t bytes, double gbps) {
  return gbps > 0 ? static_cast<double>(bytes) / (gbps * 1e9) : 0;
}

struct stage_sum {
  load_stage stage;
  double of_a_chunk = 0;  ///< seconds
};

std::vector<stage_sum> stages_of(const load_plan& plan, const machine_speeds& speeds) {
  std::vector<stage_sum> all;
  const auto add = [&](std::string name, std::int64_t bytes, double gbps) {
    if (bytes == 0 || gbps <= 0) return;
    all.push_back({.stage = {.name = std::move(name), .seconds = seconds_at(bytes, gbps)},
                   .of_a_chunk = seconds_at(std::min(bytes, plan.slot_bytes), gbps)});
  };
  add("storage", plan.bytes_read, speeds.storage_gbps);
  std::int64_t through_memory = plan.bytes_read;
  for (const load_plan::device_totals& one : plan.devices) {
    if (one.device.kind() == device_kind::cpu) continue;
    through_memory += one.link_bytes;
    add("host to " + to_string(one.device), one.link_bytes, speeds.links.host_gbps_to(one.device));
  }
  add("host memory", through_memory, speeds.memory_gbps);
  for (const load_plan::link& one : plan.links) {
    const auto peer = speeds.links.peer_gbps.find({one.source, one.destination});
    const double gbps = peer == speeds.links.peer_gbps.end() ? 0 : peer->second;
    add(to_string(one.source) + " to " + to_string(one.destination), one.bytes, gbps);
  }
  std::stable_sort(all.begin(), all.end(), [](const stage_sum& a, const stage_sum& b) {
    return a.stage.seconds > b.stage.seconds;
  });
  return all;
}

// A chunk passes one link of each kind: assume the slowest link from the host and the slowest
// between devices.
double way_of_a_chunk(const std::vector<stage_sum>& stages) {
  double storage = 0;
  double from_host = 0;
  double between = 0;
  for (const stage_sum& one : stages) {
    double& kind = one.stage.name == "storage"             ? storage
                   : one.stage.name.starts_with("host to") ? from_host
                                                           : between;
    if (one.stage.name != "host memory") kind = std::max(kind, one.of_a_chunk);
  }
  return storage + from_host + between;
}

// Filling and emptying a slot do not overlap.
double round_trips(const load_plan& plan, const machine_speeds& speeds) {
  if (plan.slot_count == 0) return 0;
  double slowest = 0;
  for (const load_plan::device_totals& one : plan.devices) {
    if (one.device.kind() == device_kind::cpu || one.link_bytes == 0) continue;
    slowest = std::max(slowest, seconds_at(one.link_bytes, speeds.links.host_gbps_to(one.device)));
  }
  return (seconds_at(plan.bytes_read, speeds.storage_gbps) + slowest) /
         static_cast<double>(plan.slot_count);
}

}  // namespace

predicted_load predict(const load_plan& plan, const machine_speeds& speeds) {
  predicted_load made;
  const std::vector<stage_sum> stages = stages_of(plan, speeds);
  for (const stage_sum& one : stages) made.stages.push_back(one.stage);
  if (stages.empty()) return made;
  const stage_sum& slowest = stages.front();
  made.seconds = std::max(slowest.stage.seconds + way_of_a_chunk(stages) - slowest.of_a_chunk,
                          round_trips(plan, speeds));
  return made;
}

}  // namespace warmstart::detail

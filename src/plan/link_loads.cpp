#include "plan/link_loads.hpp"

#include <algorithm>
#include <numeric>

namespace warmstart::detail {
namespace {

double seconds(std::int64_t bytes, double gbps) {
  return static_cast<double>(bytes) / (gbps * 1e9);
}

}  // namespace

void link_loads::add_from_host(const device& to, std::int64_t bytes) {
  loads_[to].from_host += seconds(bytes, speeds_.host_gbps_to(to));
}

std::vector<delivery> link_loads::spread(std::span<const device> to, std::int64_t host_bytes,
                                         std::int64_t bytes) {
  std::vector<std::size_t> order(to.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto host_end = [&](std::size_t i) {
    return loads_[to[i]].from_host + seconds(host_bytes, speeds_.host_gbps_to(to[i]));
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return host_end(a) < host_end(b); });
  std::vector<delivery> made;
  for (const std::size_t i : order) {
    delivery best{.device = i};
    double end = host_end(i);
    for (const delivery& earlier : made) {
      const auto link = speeds_.peer_gbps.find({to[earlier.device], to[i]});
      if (link == speeds_.peer_gbps.end()) continue;
      const double peer_end =
          std::max(loads_[to[earlier.device]].to_peers, loads_[to[i]].from_peers) +
          seconds(bytes, link->second);
      if (peer_end >= end) continue;
      end = peer_end;
      best.source = earlier.device;
    }
    if (best.source == delivery::from_host) {
      loads_[to[i]].from_host = end;
    } else {
      loads_[to[i]].from_peers = end;
      loads_[to[best.source]].to_peers = end;
    }
    made.push_back(best);
  }
  return made;
}

}  // namespace warmstart::detail

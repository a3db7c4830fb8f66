#pragma once

#include <map>
#include <utility>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

namespace warmstart {

/// Bandwidths of links between memories, in 10^9 bytes per second. The planner uses them if a GPU
/// can get the same bytes either from the host or by a peer copy from another GPU.
struct link_speeds {
  double host_gbps = 25;                      ///< from the host to each GPU
  std::map<device, double> device_gbps = {};  ///< from the host to this GPU, instead of `host_gbps`
  /// From the first GPU to the second. Pairs without an entry have no direct link.
  std::map<std::pair<device, device>, double> peer_gbps = {};

  /// Bandwidth from the host to a device.
  [[nodiscard]] double host_gbps_to(const device& device) const {
    const auto found = device_gbps.find(device);
    return found == device_gbps.end() ? host_gbps : found->second;
  }
};

/// The links of this machine: all pairs of GPUs with peer access, assumed to be twice as fast as a
/// link to the host.
[[nodiscard]] WARMSTART_EXPORT link_speeds default_links();

}  // namespace warmstart

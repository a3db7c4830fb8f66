#pragma once

#include <map>
#include <utility>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

namespace warmstart {

/// Bandwidths of links between memories, in 10^9 bytes per second. The planner uses them if a GPU
/// can get the same bytes either from the host or by a peer copy from another GPU.
struct link_speeds {
  double host_gbps = 25;                    ///< from the host to each GPU
  std::map<device, double> of_device = {};  ///< from the host to this GPU, instead of `host_gbps`
  /// From the first GPU to the second. Pairs without an entry have no direct link.
  std::map<std::pair<device, device>, double> peers = {};

  /// Bandwidth from the host to a device.
  [[nodiscard]] double to(const device& where) const {
    const auto found = of_device.find(where);
    return found == of_device.end() ? host_gbps : found->second;
  }
};

/// The links of this machine: all pairs of GPUs with peer access, assumed to be twice as fast as a
/// link to the host.
[[nodiscard]] WARMSTART_EXPORT link_speeds default_links();

}  // namespace warmstart

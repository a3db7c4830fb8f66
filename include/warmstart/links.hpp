#pragma once

#include <map>
#include <utility>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

namespace warmstart {

/// How fast bytes get from one memory to another, in 10^9 bytes per second: what a plan goes by
/// where a GPU can get the same bytes from the host or from another GPU that has them.
struct link_speeds {
  double host_gbps = 25;                    ///< from the host to each GPU, unless said otherwise:
  std::map<device, double> of_device = {};  ///< from the host to this one
  /// From the first GPU to the second. Pairs that are not here have no link of their own.
  std::map<std::pair<device, device>, double> peers = {};

  /// From the host to a device.
  [[nodiscard]] double to(const device& where) const {
    const auto found = of_device.find(where);
    return found == of_device.end() ? host_gbps : found->second;
  }
};

/// The links of this machine: pairs with peer access, each taken to be twice as fast as a link to
/// the host.
[[nodiscard]] WARMSTART_EXPORT link_speeds default_links();

}  // namespace warmstart

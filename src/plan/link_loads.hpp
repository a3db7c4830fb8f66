#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/links.hpp"

namespace warmstart::detail {

/// The source from which one of several devices gets bytes that all of them need.
struct delivery {
  static constexpr std::size_t from_host = SIZE_MAX;

  std::size_t device = 0;          ///< index of the device
  std::size_t source = from_host;  ///< index of a device that gets them earlier
};

/// Estimates how long each link is busy. Greedy: each receiver uses the source with the earliest
/// estimated completion.
class link_loads {
 public:
  explicit link_loads(const link_speeds& speeds) : speeds_(speeds) {}

  /// Adds bytes that can only come from the host.
  void add_from_host(const device& to, std::int64_t bytes);
  /// Delivers the same `bytes` to all devices `to`, which are distinct: to at least one from the
  /// host, as `host_bytes` bytes, to the others from the fastest source. Returns the deliveries in
  /// an order in which each source comes before its receivers.
  [[nodiscard]] std::vector<delivery> spread(std::span<const device> to, std::int64_t host_bytes,
                                             std::int64_t bytes);

 private:
  struct load {
    double from_host = 0;  ///< seconds
    double from_peers = 0;
    double to_peers = 0;
  };

  const link_speeds& speeds_;
  std::map<device, load> loads_;
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/links.hpp"

namespace warmstart::detail {

/// How one of several devices gets bytes that all of them want.
struct delivery {
  static constexpr std::size_t from_host = SIZE_MAX;

  std::size_t to = 0;              ///< index of the device
  std::size_t source = from_host;  ///< index of one that has got them before
};

/// How long each link will be busy with what it has been given: whoever can have bytes from several
/// places gets them from where they arrive first.
class link_loads {
 public:
  explicit link_loads(const link_speeds& speeds) : speeds_(speeds) {}

  /// Bytes that can come from the host alone.
  void add_from_host(const device& to, std::int64_t bytes);
  /// Gives all devices (each once) the same `bytes`, of which the host has to send `host_bytes`:
  /// one of them from the host, the others by the quickest way; in an order in which they can be
  /// passed on.
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

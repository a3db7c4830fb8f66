#pragma once

#include <algorithm>
#include <vector>

#include "engine/backend.hpp"
#include "warmstart/device.hpp"

namespace warmstart::detail::test {

/// The first GPUs of this machine: `most`, or as many as there are. What wants several runs on one,
/// too, where there is no other.
inline std::vector<device> first_gpus(int most) {
  std::vector<device> gpus;
  for (int i = 0; i < std::min(most, cuda_device_count()); ++i) {
    gpus.emplace_back(device_kind::cuda, i);
  }
  return gpus;
}

/// `cuda:0`, the host, and a second GPU if there is one.
inline std::vector<device> gpus_around_host() {
  std::vector<device> all = first_gpus(2);
  all.insert(all.begin() + 1, device::host());
  return all;
}

}  // namespace warmstart::detail::test

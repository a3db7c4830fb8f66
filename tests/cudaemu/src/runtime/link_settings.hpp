// What the environment says about the links between host and devices.
#pragma once

#include <cstdint>
#include <vector>

#include "ways.hpp"

namespace cudaemu {

// CUDAEMU_PEERS: bit p of the number for device d: d is able to access p's memory.
std::vector<std::uint64_t> read_peers(int devices);

// CUDAEMU_H2D_GBPS and the like, in bytes per second.
way_table<double> read_rates(int devices);

}  // namespace cudaemu

// Which links bytes pass on their way.
#pragma once

#include "link.hpp"
#include "ptx/ptx.hpp"

namespace cudaemu {

// Of a copy from a place to a place (ways.hpp). Between devices it goes directly, or is staged
// through the host: then both host links are busy at a time, and the host's memory twice.
route route_of_copy(int from, int to, std::uint64_t bytes, bool directly);

// Of what a kernel on a device read and wrote elsewhere.
route route_of_kernel(int device, const ptx::launch_metrics& metrics);

}  // namespace cudaemu

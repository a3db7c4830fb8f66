#include "routes.hpp"

#include "runtime.hpp"

namespace cudaemu {
namespace {

constexpr std::uint64_t kSector = 32;

// The sectors of plain accesses, and one for each atomic operation.
std::uint64_t bytes_of(std::uint64_t sectors, std::uint64_t atomics) {
  return kSector * (sectors + atomics);
}

}  // namespace

route route_of_copy(int from, int to, std::uint64_t bytes, bool directly) {
  way_table<shared_link>& links = runtime::get().links;
  shared_link* const host = &links.at(kHost, kHost);
  if (from == kHost && to == kHost) return {};
  if (from == kHost || to == kHost) return {{&links.at(from, to), bytes}, {host, bytes}};
  if (from == to || directly) return {{&links.at(from, to), bytes}};
  return {{&links.at(from, kHost), bytes}, {&links.at(kHost, to), bytes}, {host, 2 * bytes}};
}

route route_of_kernel(int device, const ptx::launch_metrics& metrics) {
  way_table<shared_link>& links = runtime::get().links;
  const std::uint64_t read = bytes_of(metrics.host_loads.sectors, metrics.host_atomics);
  const std::uint64_t written = bytes_of(metrics.host_stores.sectors, metrics.host_atomics);
  route over = {{&links.at(kHost, device), read},
                {&links.at(device, kHost), written},
                {&links.at(kHost, kHost), read + written}};
  for (const auto& [peer, loads] : metrics.peer_loads) {
    over.push_back({&links.at(peer, device), bytes_of(loads.sectors, 0)});
  }
  for (const auto& [peer, stores] : metrics.peer_stores) {
    over.push_back({&links.at(device, peer), bytes_of(stores.sectors, 0)});
  }
  for (const auto& [peer, atomics] : metrics.peer_atomics) {
    over.push_back({&links.at(peer, device), bytes_of(0, atomics)});
    over.push_back({&links.at(device, peer), bytes_of(0, atomics)});
  }
  return over;
}

}  // namespace cudaemu

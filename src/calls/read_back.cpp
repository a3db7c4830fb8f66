#include "warmstart/read_back.hpp"

#include "calls/engine_access.hpp"
#include "variables/variable_state.hpp"

namespace warmstart {

std::vector<std::byte> read_back(const variable& part, std::size_t replica, engine* on) {
  const auto* source = static_cast<const std::byte*>(part.data(replica));
  std::vector<std::byte> bytes(static_cast<std::size_t>(part.size_bytes()));
  if (bytes.empty()) return bytes;
  const device where = part.devices()[replica];
  const auto ready = variable_access::replica(part, replica).ready;
  with_engine(on, 1, [&](load_engine& engine) {
    backend& target = engine.backend_of(where);
    if (ready) target.wait_for(*ready);
    target.read_back(source, bytes);
  });
  return bytes;
}

}  // namespace warmstart

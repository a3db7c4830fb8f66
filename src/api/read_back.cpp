#include "warmstart/read_back.hpp"

#include "engine/host_copy.hpp"
#include "load/engine_access.hpp"
#include "tensor/box.hpp"
#include "variables/variable_state.hpp"

namespace warmstart {

using namespace detail;

namespace {

std::vector<std::byte> read_part(load_engine& engine, const variable& part, std::size_t replica) {
  const auto* source = static_cast<const std::byte*>(part.data(replica));
  std::vector<std::byte> bytes(static_cast<std::size_t>(part.size_bytes()));
  if (bytes.empty()) return bytes;
  backend& target = engine.backend_of(part.devices()[replica]);
  const auto ready = variable_access::replica(part, replica).ready;
  if (ready) target.wait_for(*ready);
  target.read_back(source, bytes);
  return bytes;
}

void put_part(const variable& part, const std::vector<std::byte>& bytes,
              std::vector<std::byte>& whole) {
  const slice_info place = part.info();
  box elements = make_box(place.slice, slice::all_of(place.full_shape), place.slice);
  const auto unit = static_cast<std::int64_t>(size_of(part.type()));
  for (box_dimension& loop : elements.dimensions) {
    loop.source_stride *= unit;
    loop.destination_stride *= unit;
  }
  copy_on_host({.source = bytes.data() + elements.source * unit,
                .destination = whole.data() + elements.destination * unit,
                .conversion = {.from = part.type(), .to = part.type()},
                .run = elements.run,
                .dimensions = elements.dimensions});
}

}  // namespace

std::vector<std::byte> read_back(const variable& v, std::size_t replica, engine* engine) {
  std::vector<std::byte> bytes;
  with_engine(engine, 1, [&](load_engine& used) {
    if (!v.is_partitioned()) {
      bytes = read_part(used, v, replica);
      return;
    }
    bytes.resize(static_cast<std::size_t>(v.size_bytes()));
    for (const variable& part : v.parts()) {
      const std::vector<std::byte> own = read_part(used, part, replica);
      if (!own.empty()) put_part(part, own, bytes);
    }
  });
  return bytes;
}

}  // namespace warmstart

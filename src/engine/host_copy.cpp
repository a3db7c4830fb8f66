#include "engine/host_copy.hpp"

#include <cstring>

#include "tensor/element_convert.hpp"

namespace warmstart::detail {
namespace {

// Calls `run(source, destination)` for every index of the loops.
template <class Run>
void for_each_run(const std::byte* source, std::byte* destination,
                  std::span<const box_dimension> dimensions, const Run& run) {
  if (dimensions.empty()) {
    run(source, destination);
    return;
  }
  const box_dimension& outer = dimensions.front();
  for (std::int64_t i = 0; i < outer.count; ++i) {
    for_each_run(source + i * outer.source_stride, destination + i * outer.destination_stride,
                 dimensions.subspan(1), run);
  }
}

// Copies runs of one element, which transposes produce.
template <std::size_t SIZE>
void copy_elements(const copy_command& command) {
  const box_dimension& inner = command.dimensions.back();
  const auto outer = command.dimensions.first(command.dimensions.size() - 1);
  for_each_run(command.source, command.destination, outer,
               [&inner](const std::byte* from, std::byte* to) {
                 for (std::int64_t i = 0; i < inner.count; ++i) {
                   std::memcpy(to, from, SIZE);
                   from += inner.source_stride;
                   to += inner.destination_stride;
                 }
               });
}

void copy_elements(const copy_command& command, std::size_t size) {
  switch (size) {
    case 1:
      return copy_elements<1>(command);
    case 2:
      return copy_elements<2>(command);
    case 4:
      return copy_elements<4>(command);
    case 8:
      return copy_elements<8>(command);
    default:
      return copy_elements<16>(command);
  }
}

}  // namespace

void copy_on_host(const copy_command& command) {
  const auto count = static_cast<std::size_t>(command.run);
  if (command.conversion.plain()) {
    const std::size_t size = count * size_of(command.conversion.from);
    if (count == 1 && !command.dimensions.empty()) return copy_elements(command, size);
    for_each_run(command.source, command.destination, command.dimensions,
                 [size](const std::byte* from, std::byte* to) { std::memcpy(to, from, size); });
    return;
  }
  const element_converter convert(command.conversion);
  for_each_run(command.source, command.destination, command.dimensions,
               [&](const std::byte* from, std::byte* to) { convert(from, to, count); });
}

}  // namespace warmstart::detail

#include "model/scatter_list.hpp"

#include <algorithm>
#include <limits>

#include "cuda/scatter.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

std::uint64_t address(const void* data) {
  return reinterpret_cast<std::uintptr_t>(data);
}

}  // namespace

scatter_list write_scatter_list(const slot_commands& commands, const std::byte* source) {
  scatter_list made{.pieces = static_cast<std::uint32_t>(commands.scattered.size())};
  std::byte* piece_at = commands.list.data();
  std::byte* dimension_at = piece_at + commands.scattered.size() * sizeof(scatter_piece);
  std::int64_t units = 0;
  std::uint32_t dimensions = 0;
  for (const copy_command& command : commands.scattered) {
    scatter_piece piece{.source = address(source) +
                                  static_cast<std::uint64_t>(command.source - commands.slot.data()),
                        .destination = address(command.destination),
                        .run = command.run,
                        .elements = command.run,
                        .first_unit = static_cast<std::uint32_t>(units),
                        .first_dimension = dimensions,
                        .dimension_count = static_cast<std::uint16_t>(command.dimensions.size()),
                        .from = command.conversion.from,
                        .to = command.conversion.to,
                        .swapped = command.conversion.swapped,
                        .conjugated = command.conversion.conjugated,
                        .negated = command.conversion.negated};
    for (const box_dimension& d : command.dimensions) piece.elements *= d.count;
    const std::int64_t per_unit =
        scatter_unit_elements(std::max(size_of(piece.from), size_of(piece.to)));
    units += (piece.elements + per_unit - 1) / per_unit;
    dimensions += piece.dimension_count;
    piece_at = std::ranges::copy(std::as_bytes(std::span(&piece, 1)), piece_at).out;
    dimension_at = std::ranges::copy(std::as_bytes(command.dimensions), dimension_at).out;
  }
  if (units > std::numeric_limits<std::int32_t>::max()) {
    throw error(error_code::unsupported,
                "a chunk is too large for the scatter kernel; reduce chunk_bytes");
  }
  made.units = static_cast<std::uint32_t>(units);
  made.bytes = static_cast<std::size_t>(scatter_list_bytes(made.pieces, dimensions));
  return made;
}

}  // namespace warmstart::detail

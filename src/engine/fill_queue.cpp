#include "engine/fill_queue.hpp"

#include <algorithm>
#include <utility>

namespace warmstart::detail {

fill_queue::fill_queue(std::span<const fill_command> commands, std::span<backend* const> backends) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (!backends[i]->synchronous()) continue;
    const auto size = static_cast<std::int64_t>(size_of(commands[i].type));
    slice_pieces pieces(*commands[i].slice, PIECE_BYTES / size);
    const std::int64_t end = piece_count() + pieces.count();
    commands_.push_back({&commands[i], backends[i], std::move(pieces), end});
  }
}

std::optional<std::int64_t> fill_queue::take() noexcept {
  const std::int64_t piece = next_++;
  return piece < piece_count() ? std::optional(piece) : std::nullopt;
}

void fill_queue::fill(std::int64_t piece) const {
  const auto of = std::upper_bound(
      commands_.begin(), commands_.end(), piece,
      [](std::int64_t number, const cut_command& command) { return number < command.end; });
  const slice where = of->pieces[piece - (of->end - of->pieces.count())];
  fill_command one = *of->whole;
  one.slice = &where;
  one.row = &of->whole->held();
  of->backend->fill(one);
}

}  // namespace warmstart::detail

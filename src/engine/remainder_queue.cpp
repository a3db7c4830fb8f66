#include "engine/remainder_queue.hpp"

#include <algorithm>
#include <iterator>

namespace warmstart::detail {
namespace {

std::int64_t outer_steps(const remainder_command& command) {
  return command.dimensions.empty() ? command.run_bytes : command.dimensions.front().count;
}

// Bytes of the message per step.
std::int64_t bytes_per_step(const remainder_command& command) {
  if (command.dimensions.empty()) return 1;
  std::int64_t bytes = command.run_bytes;
  for (const box_dimension& inner : command.dimensions.subspan(1)) bytes *= inner.count;
  return std::max<std::int64_t>(bytes, 1);
}

// The part [begin, end) of a command's steps. `loops` is storage for its dimensions.
remainder_command cut_steps(const remainder_command& command, std::int64_t begin, std::int64_t end,
                            std::vector<box_dimension>& loops) {
  remainder_command piece = command;
  if (command.dimensions.empty()) {
    piece.data += begin;
    piece.run_bytes = end - begin;
    piece.following_bytes += command.run_bytes - end;
    return piece;
  }
  loops.assign(command.dimensions.begin(), command.dimensions.end());
  box_dimension& outer = loops.front();
  outer.count = end - begin;
  piece.data += begin * outer.destination_stride;
  piece.following_bytes -= begin * outer.source_stride;
  piece.dimensions = loops;
  return piece;
}

}  // namespace

remainder_queue::remainder_queue(std::span<const remainder_request> requests) {
  std::int64_t end = 0;
  for (const remainder_request& request : requests) {
    if (!request.backend->synchronous()) continue;
    for (std::size_t i = 0; i < request.commands.size(); ++i) {
      const remainder_command& one = request.commands[i];
      const std::int64_t steps = std::max<std::int64_t>(PIECE_BYTES / bytes_per_step(one), 1);
      end += (outer_steps(one) + steps - 1) / steps;
      cuts_.push_back({.whole = &one,
                       .backend = request.backend,
                       .answer = &request.answers[i],
                       .steps = steps,
                       .end = end});
    }
  }
  sums_ = std::vector<std::atomic<std::uint32_t>>(cuts_.size());
}

std::optional<std::int64_t> remainder_queue::take() noexcept {
  const std::int64_t piece = next_++;
  return piece < piece_count() ? std::optional(piece) : std::nullopt;
}

void remainder_queue::sum_up(std::int64_t piece) {
  const auto of = std::upper_bound(
      cuts_.begin(), cuts_.end(), piece,
      [](std::int64_t number, const cut_command& command) { return number < command.end; });
  const std::int64_t first_piece = of == cuts_.begin() ? 0 : std::prev(of)->end;
  const std::int64_t begin = (piece - first_piece) * of->steps;
  const std::int64_t end = std::min(begin + of->steps, outer_steps(*of->whole));
  std::vector<box_dimension> loops;
  const remainder_command command = cut_steps(*of->whole, begin, end, loops);
  std::uint32_t sum = 0;
  of->backend->remainders(std::span(&command, 1), std::span(&sum, 1));
  sums_[static_cast<std::size_t>(of - cuts_.begin())].fetch_xor(sum, std::memory_order_relaxed);
}

void remainder_queue::answer() const noexcept {
  for (std::size_t i = 0; i < cuts_.size(); ++i) {
    *cuts_[i].answer = sums_[i].load(std::memory_order_relaxed);
  }
}

}  // namespace warmstart::detail

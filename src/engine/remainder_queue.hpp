#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/units.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {

/// Checksums that one backend is asked for: see `backend::remainders`.
struct remainder_request {
  backend* on = nullptr;
  std::span<const remainder_command> commands;
  std::span<std::uint32_t> answers;  ///< as many
};

/// Requests to synchronous backends, cut into pieces that threads take one after another, so that
/// several of them work on a large row. The remainders of the pieces add up to that of the whole.
class remainder_queue {
 public:
  static constexpr std::int64_t PIECE_BYTES = 4 * mebibyte;

  /// Leaves out the requests to other backends. Refers to the commands.
  explicit remainder_queue(std::span<const remainder_request> requests);

  [[nodiscard]] std::int64_t piece_count() const noexcept {
    return cuts_.empty() ? 0 : cuts_.back().end;
  }
  /// A piece that no thread has taken, if there is one left. Thread safe.
  [[nodiscard]] std::optional<std::int64_t> take() noexcept;
  /// Adds the remainder of a piece to its command's. Thread safe.
  void sum_up(std::int64_t piece);
  /// Writes the answers, when all pieces have been summed up.
  void answer() const noexcept;

 private:
  /// A command is cut along its outermost loop, or if it has none, along its run.
  struct cut_command {
    const remainder_command* whole = nullptr;
    backend* on = nullptr;
    std::uint32_t* answer = nullptr;
    std::int64_t steps = 0;  ///< turns of the loop, or bytes, in each piece but the last
    std::int64_t end = 0;    ///< pieces of this command and of those before it
  };

  std::vector<cut_command> cuts_;
  std::vector<std::atomic<std::uint32_t>> sums_;  ///< by command
  std::atomic<std::int64_t> next_ = 0;
};

}  // namespace warmstart::detail

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

/// Partial CRCs to compute on one backend; see `backend::remainders`.
struct remainder_request {
  detail::backend* backend = nullptr;
  std::span<const remainder_command> commands;
  std::span<std::uint32_t> answers;  ///< one per command
};

/// Requests to synchronous backends, cut into pieces so that several threads can work on one large
/// row. The partial CRCs of the pieces sum up to the partial CRC of the whole.
class remainder_queue {
 public:
  static constexpr std::int64_t PIECE_BYTES = 4 * mebibyte;

  /// Skips the requests to other backends. Keeps references to the commands.
  explicit remainder_queue(std::span<const remainder_request> requests);

  [[nodiscard]] std::int64_t piece_count() const noexcept {
    return cuts_.empty() ? 0 : cuts_.back().end;
  }
  /// Returns a piece that no thread has taken, or nothing if none is left. Thread safe.
  [[nodiscard]] std::optional<std::int64_t> take() noexcept;
  /// Computes the partial CRC of a piece and adds it to its command's sum. Thread safe.
  void sum_up(std::int64_t piece);
  /// Writes the answers. Call it after all pieces have been summed up.
  void answer() const noexcept;

 private:
  /// A command, cut along its outermost loop or, if it has no loops, along its run.
  struct cut_command {
    const remainder_command* whole = nullptr;
    detail::backend* backend = nullptr;
    std::uint32_t* answer = nullptr;
    /// Iterations of the loop, or bytes, per piece; the last may have fewer.
    std::int64_t steps = 0;
    std::int64_t end = 0;  ///< number of pieces of this and all previous commands
  };

  std::vector<cut_command> cuts_;
  std::vector<std::atomic<std::uint32_t>> sums_;  ///< by command: sum of its pieces
  std::atomic<std::int64_t> next_ = 0;
};

}  // namespace warmstart::detail

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/units.hpp"
#include "engine/backend.hpp"
#include "tensor/slice_pieces.hpp"

namespace warmstart::detail {

/// Fills for synchronous backends, cut into pieces so that several threads can work on one large
/// row. The cuts do not change values, because random elements depend only on their index in the
/// variable.
class fill_queue {
 public:
  static constexpr std::int64_t PIECE_BYTES = 4 * mebibyte;

  /// Skips the commands of other backends. Keeps references to `commands`.
  fill_queue(std::span<const fill_command> commands, std::span<backend* const> backends);

  [[nodiscard]] std::int64_t piece_count() const noexcept {
    return commands_.empty() ? 0 : commands_.back().end;
  }
  /// Returns a piece that no thread has taken, or nothing if none is left. Thread safe.
  [[nodiscard]] std::optional<std::int64_t> take() noexcept;
  /// Writes the elements of a piece. Thread safe.
  void fill(std::int64_t piece) const;

 private:
  struct cut_command {
    const fill_command* whole;
    detail::backend* backend;
    slice_pieces pieces;
    std::int64_t end;  ///< number of pieces of this and all previous commands
  };

  std::vector<cut_command> commands_;
  std::atomic<std::int64_t> next_ = 0;
};

}  // namespace warmstart::detail

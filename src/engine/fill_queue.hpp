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

/// Fills for synchronous backends, cut into pieces that threads take one after another: all of them
/// work on a row that is large. Random elements depend on their index in the variable, so cuts do
/// not change them.
class fill_queue {
 public:
  static constexpr std::int64_t PIECE_BYTES = 4 * mebibyte;

  /// Leaves out the commands of other backends. Refers to the commands.
  fill_queue(std::span<const fill_command> commands, std::span<backend* const> backends);

  [[nodiscard]] std::int64_t piece_count() const noexcept {
    return commands_.empty() ? 0 : commands_.back().end;
  }
  /// A piece that no thread has taken, if there is one left. Thread safe.
  [[nodiscard]] std::optional<std::int64_t> take() noexcept;
  /// Makes the elements of a piece. Thread safe.
  void fill(std::int64_t piece) const;

 private:
  struct cut_command {
    const fill_command* whole;
    backend* on;
    slice_pieces pieces;
    std::int64_t end;  ///< pieces of this command and of those before it
  };

  std::vector<cut_command> commands_;
  std::atomic<std::int64_t> next_ = 0;
};

}  // namespace warmstart::detail

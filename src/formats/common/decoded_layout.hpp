#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace warmstart::detail {

/// Offsets of a file's decoded parts in the file that its decoder presents. The parts follow each
/// other, so far apart that no read spans two of them.
class decoded_layout {
 public:
  /// Returns the part's offset; < 0 if its end does not fit into 64 bits.
  [[nodiscard]] std::int64_t add(std::int64_t size_bytes);

  struct place {
    std::size_t part = 0;           ///< in the order of `add`
    std::int64_t offset_bytes = 0;  ///< within it
  };
  /// The part that contains an offset. A part must begin at or before the offset.
  [[nodiscard]] place find(std::int64_t offset_bytes) const;

 private:
  std::vector<std::int64_t> begins_;
  std::int64_t end_ = 0;
};

}  // namespace warmstart::detail

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace warmstart::detail {

/// Where the decoded parts of a file stand in what its decoder makes of it: one after the other, so
/// far apart that no read reaches from one into another.
class decoded_layout {
 public:
  /// Returns where the part begins; < 0 if it would end beyond what offsets can say.
  [[nodiscard]] std::int64_t add(std::int64_t size_bytes);

  struct place {
    std::size_t part = 0;           ///< in the order of `add`
    std::int64_t offset_bytes = 0;  ///< within it
  };
  /// What stands at an offset at which, or behind which, a part begins.
  [[nodiscard]] place find(std::int64_t offset_bytes) const;

 private:
  std::vector<std::int64_t> begins_;
  std::int64_t end_ = 0;
};

}  // namespace warmstart::detail

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/backend.hpp"

namespace warmstart {

/// The staging memory, cut into slots of equal size. Kept over loads of the same budget; who
/// holds which slot is the pipeline's business.
class staging_ring {
 public:
  /// Memory for exactly these slots, from `source`: a smaller budget gives memory back. Throws
  /// `out_of_memory`.
  void prepare(std::int64_t slot_bytes, std::int64_t slot_count, backend& source);

  [[nodiscard]] std::span<std::byte> slot(std::size_t index) const noexcept {
    return memory_->bytes().subspan(index * slot_bytes_, slot_bytes_);
  }
  [[nodiscard]] std::size_t slot_count() const noexcept { return slot_count_; }

 private:
  std::unique_ptr<staging_memory> memory_;
  device made_for_;
  std::size_t slot_bytes_ = 0;
  std::size_t slot_count_ = 0;
};

}  // namespace warmstart

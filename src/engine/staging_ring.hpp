#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>

#include "engine/backend.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart {

/// The staging memory, cut into slots of equal size, and on devices that scatter a mirror for every
/// slot. Kept over loads; who holds which slot is the pipeline's business.
class staging_ring {
 public:
  /// Memory for the plan's slots and mirrors, host memory from `source`. What is there is kept if
  /// it suffices and the plan's budget allows it. Throws `out_of_memory`.
  void prepare(const transfer_plan& plan, backend& source,
               const std::function<backend&(const device&)>& backend_of);

  [[nodiscard]] std::span<std::byte> slot(std::size_t index) const noexcept {
    return memory_->bytes().subspan(index * slot_bytes_, slot_bytes_);
  }
  /// The slot's mirror on a device, or null.
  [[nodiscard]] std::byte* mirror(const device& on, std::size_t index) const noexcept;
  [[nodiscard]] std::size_t slot_count() const noexcept { return slot_count_; }

 private:
  std::unique_ptr<staging_memory> memory_;
  std::map<device, std::unique_ptr<staging_memory>> mirrors_;
  device made_for_;
  std::size_t slot_bytes_ = 0;
  std::size_t mirror_bytes_ = 0;
  std::size_t slot_count_ = 0;
};

}  // namespace warmstart

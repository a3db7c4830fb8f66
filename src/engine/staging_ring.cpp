#include "engine/staging_ring.hpp"

#include <algorithm>

namespace warmstart {

void staging_ring::prepare(const transfer_plan& plan, backend& source,
                           const std::function<backend&(const device&)>& backend_of) {
  const auto needed = static_cast<std::size_t>(plan.slot_bytes * plan.slot_count);
  const auto allowed = static_cast<std::size_t>(plan.budget_bytes) / (1 + plan.mirrors.size());
  const bool kept = memory_ && made_for_ == source.which() && memory_->bytes().size() >= needed &&
                    memory_->bytes().size() <= allowed;
  if (!kept) {
    // Before the new memory, or both would count.
    mirrors_.clear();
    memory_.reset();
    memory_ = source.allocate_staging(needed);
    made_for_ = source.which();
  }
  std::erase_if(mirrors_, [&](const auto& entry) {
    return !std::binary_search(plan.mirrors.begin(), plan.mirrors.end(), entry.first);
  });
  for (const device& on : plan.mirrors) {
    auto& mirror = mirrors_[on];
    if (!mirror) mirror = backend_of(on).allocate_mirrors(memory_->bytes().size());
  }
  slot_bytes_ = static_cast<std::size_t>(plan.slot_bytes);
  slot_count_ = static_cast<std::size_t>(plan.slot_count);
}

std::byte* staging_ring::mirror(const device& on, std::size_t index) const noexcept {
  const auto found = mirrors_.find(on);
  return found == mirrors_.end() ? nullptr : found->second->bytes().data() + index * slot_bytes_;
}

}  // namespace warmstart

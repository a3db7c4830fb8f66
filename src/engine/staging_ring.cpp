#include "engine/staging_ring.hpp"

#include <algorithm>

namespace warmstart {

void staging_ring::prepare(const transfer_plan& plan, backend& source,
                           const std::function<backend&(const device&)>& backend_of) {
  slot_bytes_ = static_cast<std::size_t>(plan.slot_bytes);
  mirror_bytes_ = static_cast<std::size_t>(plan.mirror_bytes);
  slot_count_ = static_cast<std::size_t>(plan.slot_count);
  std::erase_if(mirrors_, [&](const auto& entry) {
    return !std::binary_search(plan.mirrors.begin(), plan.mirrors.end(), entry.first) ||
           entry.second->bytes().size() < mirror_bytes_ * slot_count_;
  });
  std::size_t total = (plan.mirrors.size() - mirrors_.size()) * mirror_bytes_ * slot_count_;
  for (const auto& [on, mirror] : mirrors_) total += mirror->bytes().size();
  const bool kept = memory_ && made_for_ == source.which() &&
                    memory_->bytes().size() >= slot_bytes_ * slot_count_ &&
                    total + memory_->bytes().size() <= static_cast<std::size_t>(plan.budget_bytes);
  if (!kept) {
    // Before the new memory, or both would count.
    mirrors_.clear();
    memory_.reset();
    memory_ = source.allocate_staging(slot_bytes_ * slot_count_);
    made_for_ = source.which();
  }
  for (const device& on : plan.mirrors) {
    if (mirrors_.contains(on)) continue;
    mirrors_.emplace(on, backend_of(on).allocate_mirrors(mirror_bytes_ * slot_count_));
  }
}

std::byte* staging_ring::mirror(const device& on, std::size_t index) const noexcept {
  const auto found = mirrors_.find(on);
  return found == mirrors_.end() ? nullptr : found->second->bytes().data() + index * mirror_bytes_;
}

}  // namespace warmstart

#include "engine/staging_pool.hpp"

#include <algorithm>

namespace warmstart::detail {

std::byte* staging_lease::mirror(const device& device, std::size_t index) const noexcept {
  const auto found = mirrors_.find(device);
  return found == mirrors_.end() ? nullptr : found->second->bytes().data() + index * mirror_bytes_;
}

bool staging_lease::is_read() const noexcept {
  return std::any_of(readers_.begin(), readers_.end(),
                     [](const auto& reader) { return !reader->done(); });
}

void staging_pool::trim() noexcept {
  std::erase_if(retired_, [](const auto& lease) { return !lease->is_read(); });
}

namespace {

struct wanted_bytes {
  std::size_t host;
  std::size_t mirror;
};

wanted_bytes wanted_by(const transfer_plan& plan) {
  const auto slots = static_cast<std::size_t>(plan.slot_count);
  return {.host = static_cast<std::size_t>(plan.slot_bytes) * slots,
          .mirror = static_cast<std::size_t>(plan.mirror_bytes) * slots};
}

}  // namespace

bool staging_lease::suffices(const transfer_plan& plan, const device& source) const noexcept {
  const wanted_bytes wanted = wanted_by(plan);
  std::size_t total = memory_ ? memory_->bytes().size() : 0;
  for (const device& where : plan.mirrors) {
    const auto found = mirrors_.find(where);
    const std::size_t there = found == mirrors_.end() ? 0 : found->second->bytes().size();
    total += there < wanted.mirror ? wanted.mirror : there;
  }
  return memory_ && made_for_ == source && memory_->bytes().size() >= wanted.host &&
         total <= static_cast<std::size_t>(plan.budget_bytes);
}

std::shared_ptr<staging_lease> staging_pool::lend(
    const transfer_plan& plan, backend& source,
    const std::function<backend&(const device&)>& backend_of, bool may_free) {
  if (may_free) trim();
  if (kept_) {
    const bool in_use = kept_.use_count() > 1 || kept_->is_read();
    const bool replaced = !may_free && !kept_->suffices(plan, source.device());
    if (in_use || replaced) retired_.push_back(std::move(kept_));
  }
  if (!kept_) kept_ = std::make_shared<staging_lease>();
  staging_lease& lease = *kept_;
  lease.readers_.clear();
  lease.slot_bytes_ = static_cast<std::size_t>(plan.slot_bytes);
  lease.mirror_bytes_ = static_cast<std::size_t>(plan.mirror_bytes);
  lease.slot_count_ = static_cast<std::size_t>(plan.slot_count);
  const wanted_bytes wanted = wanted_by(plan);
  if (!lease.suffices(plan, source.device())) {
    // Free the old memory first, so that both never exist at the same time.
    lease.mirrors_.clear();
    lease.memory_.reset();
    lease.memory_ = source.allocate_staging(wanted.host);
    lease.made_for_ = source.device();
  }
  std::erase_if(lease.mirrors_, [&](const auto& entry) {
    return !std::binary_search(plan.mirrors.begin(), plan.mirrors.end(), entry.first) ||
           entry.second->bytes().size() < wanted.mirror;
  });
  for (const device& where : plan.mirrors) {
    if (lease.mirrors_.contains(where)) continue;
    lease.mirrors_.emplace(where, backend_of(where).allocate_mirrors(wanted.mirror));
  }
  return kept_;
}

}  // namespace warmstart::detail

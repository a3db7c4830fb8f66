#include "primary_context.hpp"

#include <unistd.h>

#include "api_error.hpp"
#include "config.hpp"
#include "pages.hpp"

namespace cudaemu {

void primary_context::need(const char* api) {
  if (exists_) return;
  const std::lock_guard lock(mutex_);
  if (exists_) return;
  const std::size_t bytes = settings().context_bytes;
  require(memory_.charge(bytes), "not enough device memory for a context",
          cudaErrorMemoryAllocation);
  charged_ = bytes;
  info_.created_by = api;
  info_.thread = static_cast<std::uint64_t>(gettid());
  ++info_.times_created;
  exists_ = true;
}

void primary_context::destroy() {
  const std::lock_guard lock(mutex_);
  if (!exists_) return;
  memory_.refund(charged_);
  charged_ = 0;
  exists_ = false;
}

cudaemu_context_info primary_context::describe() const {
  const std::lock_guard lock(mutex_);
  cudaemu_context_info result = info_;
  result.exists = exists_ ? 1 : 0;
  return result;
}

}  // namespace cudaemu

#include "memory_pool.hpp"

namespace cudaemu {

memory_pool& pool_table::create(int device, std::uint64_t size_limit) {
  const std::lock_guard lock(mutex_);
  memory_pool& fresh = *all_.emplace_back(std::make_unique<memory_pool>());
  fresh.device = device;
  fresh.size_limit = size_limit;
  live_.insert(&fresh);
  return fresh;
}

void pool_table::destroy(memory_pool& gone) {
  const std::lock_guard lock(mutex_);
  live_.erase(&gone);
}

bool pool_table::is_live(const memory_pool* pool) {
  const std::lock_guard lock(mutex_);
  return live_.contains(const_cast<memory_pool*>(pool));
}

std::vector<memory_pool*> pool_table::live() {
  const std::lock_guard lock(mutex_);
  return {live_.begin(), live_.end()};
}

}  // namespace cudaemu

#include <fmt/format.h>

#include <utility>

#include "testing/memory_source.hpp"
#include "warmstart/testing/memory.hpp"

namespace warmstart::testkit {

limited_memory::limited_memory(std::size_t limit_bytes, std::shared_ptr<memory_resource> source,
                               std::optional<device> limited_device)
    : limit_bytes_(limit_bytes),
      source_(required_source(std::move(source))),
      only_(limited_device) {}

void* limited_memory::allocate(std::size_t size_bytes, const device& device) {
  const std::scoped_lock lock(mutex_);
  if (!counts(device)) return source_->allocate(size_bytes, device);
  if (size_bytes > limit_bytes_ - live_bytes_) {
    throw error(
        error_code::out_of_memory,
        fmt::format("{}: cannot allocate {} bytes: the limit is {} bytes, of which {} are in use",
                    to_string(device), size_bytes, limit_bytes_, live_bytes_));
  }
  void* const data = source_->allocate(size_bytes, device);
  live_bytes_ += size_bytes;
  return data;
}

void limited_memory::deallocate(void* data, std::size_t size_bytes, const device& device) noexcept {
  const std::scoped_lock lock(mutex_);
  source_->deallocate(data, size_bytes, device);
  if (counts(device)) live_bytes_ -= size_bytes;
}

std::size_t limited_memory::live_bytes() const {
  const std::scoped_lock lock(mutex_);
  return live_bytes_;
}

}  // namespace warmstart::testkit

#include <fmt/format.h>

#include <utility>

#include "testing/memory_source.hpp"
#include "warmstart/testing/memory.hpp"

namespace warmstart::testkit {

failing_memory::failing_memory(std::shared_ptr<memory_resource> source)
    : source_(required_source(std::move(source))) {}

void* failing_memory::allocate(std::size_t size_bytes, const device& device) {
  const std::scoped_lock lock(mutex_);
  if (++calls_ == fail_at_) {
    throw error(error_code::out_of_memory,
                fmt::format("{}: cannot allocate {} bytes: allocation {} fails on request",
                            to_string(device), size_bytes, fail_at_));
  }
  return source_->allocate(size_bytes, device);
}

void failing_memory::deallocate(void* data, std::size_t size_bytes, const device& device) noexcept {
  const std::scoped_lock lock(mutex_);
  source_->deallocate(data, size_bytes, device);
}

void failing_memory::fail_at(std::size_t nth) {
  const std::scoped_lock lock(mutex_);
  fail_at_ = nth;
  calls_ = 0;
}

bool failing_memory::failed() const {
  const std::scoped_lock lock(mutex_);
  return fail_at_ != 0 && calls_ >= fail_at_;
}

}  // namespace warmstart::testkit

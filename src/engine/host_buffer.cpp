#include "warmstart/host_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/host_memory.hpp"

namespace warmstart {

using namespace detail;

host_buffer::host_buffer(std::size_t size_bytes)
    : data_(size_bytes == 0 ? nullptr : static_cast<std::byte*>(allocate_on_host(size_bytes))),
      size_(size_bytes) {}

host_buffer::host_buffer(const host_buffer& other) : host_buffer(other.size_) {
  if (size_ != 0) std::memcpy(data_, other.data_, size_);
}

host_buffer::host_buffer(host_buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

host_buffer& host_buffer::operator=(host_buffer other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

host_buffer::~host_buffer() {
  if (data_ != nullptr) deallocate_on_host(data_, size_);
}

bool host_buffer::is_equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return std::ranges::equal(a, b);
}

}  // namespace warmstart

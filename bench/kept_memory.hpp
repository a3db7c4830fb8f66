#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

#include "warmstart/device.hpp"
#include "warmstart/error.hpp"
#include "warmstart/memory.hpp"

namespace warmstart::detail {

/// Allocates from one block that is reused, so that only the first load touches fresh memory.
/// Starts again at the begin of the block when all allocations have been freed.
class kept_memory final : public memory_resource {
 public:
  static constexpr std::size_t ALIGNMENT = 256;  ///< largest overhead of an allocation, in bytes

  kept_memory(std::size_t size_bytes, const device& where)
      : size_(std::max(size_bytes, MIN_BYTES)),
        where_(where),
        block_(static_cast<std::byte*>(source_->allocate(size_, where))) {}
  kept_memory(const kept_memory&) = delete;
  kept_memory& operator=(const kept_memory&) = delete;
  ~kept_memory() override { source_->deallocate(block_, size_, where_); }

  /// The whole block. Use it only while nothing is allocated.
  [[nodiscard]] std::span<std::byte> block() const { return {block_, size_}; }

  void* allocate(std::size_t size_bytes, const device& /*where*/) override {
    if (size_bytes > size_ - used_) {
      throw error(error_code::out_of_memory, "the block is too small");
    }
    std::byte* const given = block_ + used_;
    used_ += std::min((size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, size_ - used_);
    ++given_out_;
    return given;
  }
  void deallocate(void* /*data*/, std::size_t /*size_bytes*/,
                  const device& /*where*/) noexcept override {
    if (--given_out_ == 0) used_ = 0;
  }

 private:
  static constexpr std::size_t MIN_BYTES = std::size_t{4} << 20;

  std::shared_ptr<memory_resource> source_ = default_memory_resource();
  std::size_t size_;
  device where_;
  std::byte* block_;
  std::size_t used_ = 0;
  int given_out_ = 0;
};

}  // namespace warmstart::detail

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>

namespace warmstart::detail {

/// Cuts small pieces of memory out of larger blocks: to allocate on a device takes microseconds
/// whatever the size, and models have tens of thousands of small variables. A block goes back when
/// its last piece does. Thread safe.
class block_allocator {
 public:
  static constexpr std::size_t alignment = 256;
  /// Larger pieces are allocated by themselves.
  static constexpr std::size_t largest_piece_bytes = std::size_t{256} << 10;
  /// Each block is twice as large as the one before: all of them together are less than twice what
  /// they hold and one first block more.
  static constexpr std::size_t first_block_bytes = std::size_t{64} << 10;
  static constexpr std::size_t largest_block_bytes = std::size_t{32} << 20;

  using allocation = std::function<void*(std::size_t size_bytes)>;
  using deallocation = std::function<void(void* data)>;  ///< does not throw

  block_allocator(allocation allocate, deallocation deallocate)
      : allocate_(std::move(allocate)), deallocate_(std::move(deallocate)) {}
  block_allocator(const block_allocator&) = delete;
  block_allocator& operator=(const block_allocator&) = delete;

  /// Throws what the allocation of `size_bytes` > 0 throws.
  [[nodiscard]] void* allocate(std::size_t size_bytes);
  /// Takes back what `allocate` gave.
  void deallocate(void* data) noexcept;

 private:
  struct block {
    std::size_t size_bytes = 0;
    std::size_t used_bytes = 0;  ///< from its begin
    std::size_t pieces = 0;      ///< that have not been given back
  };

  [[nodiscard]] bool add_block(std::size_t piece_bytes);

  allocation allocate_;
  deallocation deallocate_;
  std::mutex mutex_;
  std::map<std::byte*, block> blocks_;
  std::byte* newest_ = nullptr;  ///< block that pieces are cut from; null: none
  std::size_t next_block_bytes_ = first_block_bytes;
};

}  // namespace warmstart::detail

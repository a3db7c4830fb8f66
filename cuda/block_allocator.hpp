#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>

namespace warmstart::detail {

/// Cuts small pieces of memory out of larger blocks, because an allocation on a device takes
/// microseconds whatever its size, and models have tens of thousands of small variables. A block is
/// freed when its last piece is freed. Thread safe.
class block_allocator {
 public:
  static constexpr std::size_t alignment = 256;
  /// Larger pieces are allocated individually.
  static constexpr std::size_t largest_piece_bytes = std::size_t{256} << 10;
  /// Each block is twice as large as the previous one, up to the limit. Before the limit is
  /// reached, all blocks together are less than twice as large as their pieces, plus one first
  /// block.
  static constexpr std::size_t first_block_bytes = std::size_t{64} << 10;
  static constexpr std::size_t largest_block_bytes = std::size_t{32} << 20;

  using allocation = std::function<void*(std::size_t size_bytes)>;
  using deallocation = std::function<void(void* data)>;  ///< does not throw

  block_allocator(allocation allocate, deallocation deallocate)
      : allocate_(std::move(allocate)), deallocate_(std::move(deallocate)) {}
  block_allocator(const block_allocator&) = delete;
  block_allocator& operator=(const block_allocator&) = delete;

  /// Allocates `size_bytes` > 0 bytes. Rethrows errors of the underlying allocation.
  [[nodiscard]] void* allocate(std::size_t size_bytes);
  /// Frees a piece that `allocate` returned.
  void deallocate(void* data) noexcept;

 private:
  struct block {
    std::size_t size_bytes = 0;
    std::size_t used_bytes = 0;  ///< bytes in use, from the start of the block
    std::size_t pieces = 0;      ///< live pieces
  };

  [[nodiscard]] bool add_block(std::size_t piece_bytes);

  allocation allocate_;
  deallocation deallocate_;
  std::mutex mutex_;
  std::map<std::byte*, block> blocks_;
  std::byte* newest_ = nullptr;  ///< block that new pieces are cut from; null if none
  std::size_t next_block_bytes_ = first_block_bytes;
};

}  // namespace warmstart::detail

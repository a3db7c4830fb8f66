#include "cuda/block_allocator.hpp"

#include <algorithm>
#include <iterator>

#include "warmstart/error.hpp"

namespace warmstart::detail {

void* block_allocator::allocate(std::size_t size_bytes) {
  if (size_bytes > largest_piece_bytes) return allocate_(size_bytes);
  const std::size_t piece_bytes = (size_bytes + alignment - 1) / alignment * alignment;
  const std::lock_guard lock(mutex_);
  const auto has_room = [&] {
    if (newest_ == nullptr) return false;
    const block& from = blocks_.at(newest_);
    return piece_bytes <= from.size_bytes - from.used_bytes;
  };
  // If a new block does not fit in memory, a single piece still may.
  if (!has_room() && !add_block(piece_bytes)) return allocate_(size_bytes);
  block& from = blocks_.at(newest_);
  std::byte* const piece = newest_ + from.used_bytes;
  from.used_bytes += piece_bytes;
  ++from.pieces;
  return piece;
}

bool block_allocator::add_block(std::size_t piece_bytes) {
  const std::size_t size_bytes = std::max(next_block_bytes_, piece_bytes);
  std::byte* begin = nullptr;
  try {
    begin = static_cast<std::byte*>(allocate_(size_bytes));
  } catch (const error& refused) {
    if (refused.code() != error_code::out_of_memory) throw;
    return false;
  }
  blocks_.emplace(begin, block{.size_bytes = size_bytes});
  newest_ = begin;
  next_block_bytes_ = std::min(2 * size_bytes, largest_block_bytes);
  return true;
}

void block_allocator::deallocate(void* data) noexcept {
  auto* const piece = static_cast<std::byte*>(data);
  {
    const std::lock_guard lock(mutex_);
    const auto after = blocks_.upper_bound(piece);
    const auto found = after == blocks_.begin() ? blocks_.end() : std::prev(after);
    if (found != blocks_.end() && piece < found->first + found->second.size_bytes) {
      if (--found->second.pieces > 0) return;
      data = found->first;
      if (newest_ == found->first) newest_ = nullptr;
      blocks_.erase(found);
      if (blocks_.empty()) next_block_bytes_ = first_block_bytes;
    }
  }
  deallocate_(data);
}

}  // namespace warmstart::detail

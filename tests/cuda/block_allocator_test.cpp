#include "cuda/block_allocator.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Blocks of the host's memory, counted.
class block_allocator_test : public testing::Test {
 protected:
  void* take(std::size_t size_bytes) {
    if (size_bytes > limit_bytes_) throw error(error_code::out_of_memory, "too much");
    auto made = std::make_unique<std::byte[]>(size_bytes + block_allocator::alignment);
    const auto address = reinterpret_cast<std::uintptr_t>(made.get());
    const std::size_t shift = (0 - address) % block_allocator::alignment;
    std::byte* const begin = made.get() + shift;
    const std::lock_guard lock(mutex_);
    live_.emplace(begin, std::move(made));
    sizes_.push_back(size_bytes);
    return begin;
  }

  void give_back(void* data) {
    const std::lock_guard lock(mutex_);
    ASSERT_EQ(live_.erase(data), 1U);
  }

  std::mutex mutex_;
  std::map<void*, std::unique_ptr<std::byte[]>> live_;
  std::vector<std::size_t> sizes_;
  std::size_t limit_bytes_ = SIZE_MAX;
  block_allocator tested_{[this](std::size_t size_bytes) { return take(size_bytes); },
                          [this](void* data) { give_back(data); }};
};

TEST_F(block_allocator_test, small_pieces_share_blocks_of_growing_size) {
  std::vector<void*> pieces;
  for (int i = 0; i < 20'000; ++i) {
    pieces.push_back(tested_.allocate(1000));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pieces.back()) % block_allocator::alignment, 0U);
    std::memset(pieces.back(), i & 0xFF, 1000);
  }
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{64U << 10, 128U << 10, 256U << 10, 512U << 10,
                                              1U << 20, 2U << 20, 4U << 20, 8U << 20, 16U << 20}));
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_EQ(static_cast<unsigned char*>(pieces[static_cast<std::size_t>(i)])[999], i & 0xFF);
    tested_.deallocate(pieces[static_cast<std::size_t>(i)]);
  }
  EXPECT_TRUE(live_.empty());
}

TEST_F(block_allocator_test, large_pieces_are_allocated_by_themselves) {
  void* const large = tested_.allocate(block_allocator::largest_piece_bytes + 1);
  EXPECT_EQ(sizes_, std::vector<std::size_t>{block_allocator::largest_piece_bytes + 1});
  tested_.deallocate(large);
  EXPECT_TRUE(live_.empty());
}

TEST_F(block_allocator_test, a_block_goes_back_with_its_last_piece) {
  void* const first = tested_.allocate(1);
  void* const second = tested_.allocate(1);
  tested_.deallocate(first);
  EXPECT_EQ(live_.size(), 1U);
  tested_.deallocate(second);
  EXPECT_TRUE(live_.empty());
  // The next one begins anew.
  tested_.deallocate(tested_.allocate(1));
  EXPECT_EQ(sizes_, (std::vector<std::size_t>(2, block_allocator::first_block_bytes)));
}

TEST_F(block_allocator_test, a_piece_is_allocated_alone_where_no_block_fits) {
  limit_bytes_ = 5000;
  void* const piece = tested_.allocate(4000);
  EXPECT_EQ(sizes_, std::vector<std::size_t>{4000});
  EXPECT_THROW((void)tested_.allocate(6000), error);
  tested_.deallocate(piece);
  EXPECT_TRUE(live_.empty());
}

TEST_F(block_allocator_test, serves_several_threads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 1000; ++i) {
        std::vector<void*> pieces;
        for (std::size_t size = 1; size < 20'000; size *= 3)
          pieces.push_back(tested_.allocate(size));
        for (void* const piece : pieces) tested_.deallocate(piece);
      }
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_TRUE(live_.empty());
}

}  // namespace
}  // namespace warmstart::detail

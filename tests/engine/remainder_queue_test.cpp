#include "engine/remainder_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "checksum/crc32c_box.hpp"
#include "engine/load_engine.hpp"
#include "support/small_model.hpp"
#include "support/watched_host.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t PIECE = remainder_queue::PIECE_BYTES;

class remainder_queue_test : public testing::Test {
 protected:
  remainder_queue_test() : bytes_(static_cast<std::size_t>(3 * PIECE + 1)) {
    std::independent_bits_engine<std::mt19937_64, 8, std::uint16_t> noise(1);
    std::ranges::generate(bytes_, [&] { return static_cast<std::byte>(noise()); });
    auto made = std::make_unique<test::watched_host>();
    host_ = made.get();
    engine_.use(std::move(made));
    all_ = {.data = bytes_.data(), .run_bytes = 3 * PIECE + 1, .dimensions = {}};
    wanted_ = {
        .backend = host_, .commands = std::span(&all_, 1), .answers = std::span(&answer_, 1)};
  }

  [[nodiscard]] static std::uint32_t whole(const remainder_command& one) {
    return crc32c_box_remainder(one.data, one.run_bytes, one.dimensions, one.following_bytes);
  }

  std::vector<std::byte> bytes_;
  load_engine engine_{2};
  test::watched_host* host_ = nullptr;
  remainder_command all_;  ///< of all bytes
  std::uint32_t answer_ = 0;
  remainder_request wanted_;
};

TEST_F(remainder_queue_test, pieces_add_up_to_the_whole) {
  const auto rows = std::vector<box_dimension>{
      {.count = 3001, .source_stride = 5000, .destination_stride = 4096}};
  const auto nested = std::vector<box_dimension>{
      {.count = 6, .source_stride = 3 * PIECE, .destination_stride = PIECE / 2},
      {.count = 1024, .source_stride = 3000, .destination_stride = 2000}};
  const std::vector<remainder_command> commands = {
      {.data = bytes_.data(), .run_bytes = 3 * PIECE + 1, .dimensions = {}, .following_bytes = 77},
      {.data = bytes_.data() + 5, .run_bytes = 0, .dimensions = {}, .following_bytes = 9},
      {.data = bytes_.data(),
       .run_bytes = 4000,
       .dimensions = rows,
       .following_bytes = 3000 * 5000 + 123},
      {.data = bytes_.data() + 1,
       .run_bytes = 1999,
       .dimensions = nested,
       .following_bytes = 5 * 3 * PIECE + 1023 * 3000 + 1},
      {.data = bytes_.data(), .run_bytes = 3, .dimensions = {}, .following_bytes = 0}};
  const auto host = make_host_backend();
  std::vector<std::uint32_t> answers(commands.size(), 99);
  const remainder_request wanted{.backend = host.get(), .commands = commands, .answers = answers};
  remainder_queue queue(std::span(&wanted, 1));
  EXPECT_EQ(queue.piece_count(), 4 + 0 + 3 + 3 + 1);
  while (const auto piece = queue.take()) queue.sum_up(*piece);
  queue.answer();
  for (std::size_t i = 0; i < commands.size(); ++i) EXPECT_EQ(answers[i], whole(commands[i])) << i;
}

TEST_F(remainder_queue_test, all_threads_of_an_engine_sum_up_one_row) {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::thread::id> seen;
  host_->on_remainders = [&] {
    std::unique_lock lock(mutex);
    seen.insert(std::this_thread::get_id());
    changed.notify_all();
    // Both have a piece at the same time. The limit is for a queue that lets only one work.
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return seen.size() == 2; });
  };
  engine_.on_driver([&] { engine_.remainders(std::span(&wanted_, 1)); });
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_EQ(answer_, whole(all_));
}

// The readers are busy then: from a progress callback.
TEST_F(remainder_queue_test, within_a_load_the_driver_answers_alone) {
  std::set<std::thread::id> seen;
  host_->on_remainders = [&] { seen.insert(std::this_thread::get_id()); };
  std::thread::id driver;
  engine_.on_driver([&] {
    const load_engine::turn load(engine_);
    driver = std::this_thread::get_id();
    engine_.remainders(std::span(&wanted_, 1));
  });
  EXPECT_EQ(seen, std::set{driver});
  EXPECT_EQ(answer_, whole(all_));
}

TEST_F(remainder_queue_test, an_exception_of_a_backend_ends_the_call) {
  host_->on_remainders = [] { throw error(error_code::device, "lost"); };
  EXPECT_EQ(test::error_of([&] {
              engine_.on_driver([&] { engine_.remainders(std::span(&wanted_, 1)); });
            }).code(),
            error_code::device);
}

}  // namespace
}  // namespace warmstart::detail

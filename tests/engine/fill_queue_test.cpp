#include "engine/fill_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "engine/load_engine.hpp"
#include "support/catalog_builder.hpp"
#include "support/watched_host.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::watched_host;

using distribution = fill_spec::distribution;

/// An engine whose host is watched, and one row.
class fill_queue_test : public testing::Test {
 protected:
  static constexpr std::int64_t PIECE = fill_queue::PIECE_BYTES;

  fill_queue_test() {
    auto made = std::make_unique<watched_host>();
    host = made.get();
    engine.use(std::move(made));
  }
  void fill(const fill_command& command) {
    const fill_command commands[] = {command};
    backend* const backends[] = {host};
    engine.on_driver([&] { engine.fill(commands, backends, {}, stop.get_token()); });
  }

  load_engine engine{2};
  watched_host* host = nullptr;
  std::stop_source stop;
};

TEST_F(fill_queue_test, a_large_row_is_filled_in_pieces) {
  const shape full{PIECE * 5 / 2};
  const slice where = slice::all_of(full);
  std::vector<std::byte> row(static_cast<std::size_t>(PIECE * 5 / 2), std::byte{0xCB});
  fill({.spec = {distribution::constant, 7},
        .type = dtype::uint8,
        .full_shape = &full,
        .slice = &where,
        .destination = row.data()});
  EXPECT_EQ(host->fills, 3U);
  for (const std::int64_t size : host->bytes) EXPECT_LE(size, PIECE);
  EXPECT_TRUE(row == std::vector(row.size(), std::byte{7}));
}

TEST_F(fill_queue_test, pieces_have_the_random_elements_of_the_whole) {
  const shape full{5, 700'000, 3};
  const slice held = test::box_of({{1, 4}, {5, 699'990}, {0, 3}});
  const slice where = test::box_of({{1, 4}, {6, 699'900}, {1, 2}});
  const auto count = static_cast<std::size_t>(held.lengths().element_count());
  for (const auto kind : {distribution::uniform, distribution::normal, distribution::constant}) {
    const fill_spec spec{kind, 1, 2, 99};
    std::vector<float> expected(count, -7);
    std::vector<float> found = expected;
    fill_elements(spec, dtype::float32, full, where, held,
                  reinterpret_cast<std::byte*>(expected.data()));
    host->fills = 0;
    fill({.spec = spec,
          .type = dtype::float32,
          .full_shape = &full,
          .slice = &where,
          .row = &held,
          .destination = reinterpret_cast<std::byte*>(found.data())});
    EXPECT_EQ(host->fills, 8U);  // of each index of the first dimension, two
    EXPECT_TRUE(found == expected) << static_cast<int>(kind);
  }
}

TEST_F(fill_queue_test, all_threads_work_on_one_row) {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::thread::id> seen;
  host->on_fill = [&] {
    std::unique_lock lock(mutex);
    seen.insert(std::this_thread::get_id());
    changed.notify_all();
    // Both have a piece at the same time. The limit is for a queue that lets only one work.
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return seen.size() == 2; });
  };
  const shape full{2 * PIECE};
  const slice where = slice::all_of(full);
  std::vector<std::byte> row(static_cast<std::size_t>(2 * PIECE));
  fill({.spec = {distribution::constant, 7},
        .type = dtype::uint8,
        .full_shape = &full,
        .slice = &where,
        .destination = row.data()});
  EXPECT_EQ(seen.size(), 2U);
}

TEST_F(fill_queue_test, a_request_to_stop_is_seen_between_pieces) {
  host->on_fill = [&] { stop.request_stop(); };
  const shape full{100 * PIECE};
  const slice where = slice::all_of(full);
  std::vector<std::byte> row(static_cast<std::size_t>(100 * PIECE));
  try {
    fill({.spec = {distribution::constant, 7},
          .type = dtype::uint8,
          .full_shape = &full,
          .slice = &where,
          .destination = row.data()});
    ADD_FAILURE() << "the fill went on";
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::cancelled);
  }
  EXPECT_LE(host->fills, 2U) << "a piece for each thread";
}

TEST_F(fill_queue_test, an_empty_row_has_no_pieces) {
  const shape full{0, 3};
  const slice where = slice::all_of(full);
  fill({.spec = {distribution::constant, 7},
        .type = dtype::uint8,
        .full_shape = &full,
        .slice = &where});
  EXPECT_EQ(host->fills, 0U);
}

}  // namespace
}  // namespace warmstart::detail

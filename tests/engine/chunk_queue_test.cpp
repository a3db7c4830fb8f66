#include "engine/chunk_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>

#include "support/scripted_backend.hpp"

namespace warmstart::detail {
namespace {

using test::scripted_backend;

/// Chunks of one byte each that rows of these devices want.
class chunk_queue_test : public testing::Test {
 protected:
  static constexpr std::uint32_t HOST = 9;

  chunk_queue_test() {
    use_devices(3);
    host_ = make_host_backend();
  }

  void use_devices(std::size_t count) {
    for (std::size_t i = devices_.size(); i < count; ++i) {
      made_.push_back(std::make_unique<scripted_backend>(
          device(device_kind::cuda, static_cast<int>(i)), scripted_backend::script{}));
      devices_.push_back(made_.back().get());
    }
  }
  void clear() {
    plan_ = {};
    backends_.clear();
  }

  void chunk_for(const std::vector<std::uint32_t>& rows, bool needs_slot = true) {
    chunk made;
    made.size_bytes = 1;
    made.read_bytes = 1;
    made.needs_slot = needs_slot;
    made.copies.begin = static_cast<std::uint32_t>(plan_.copies.size());
    for (const std::uint32_t where : rows) {
      plan_.copies.emplace_back().demand = static_cast<std::uint32_t>(plan_.demands.size());
      plan_.demands.emplace_back().row = static_cast<std::uint32_t>(backends_.size());
      backends_.push_back(where == HOST ? host_.get() : devices_[where]);
    }
    made.copies.end = static_cast<std::uint32_t>(plan_.copies.size());
    plan_.chunks.push_back(made);
    plan_.bytes_read += 1000;
  }
  [[nodiscard]] chunk_queue queue(std::size_t slots) const {
    return {plan_, backends_, devices_, slots};
  }
  static std::vector<std::uint32_t> take_all(chunk_queue& from) {
    std::vector<std::uint32_t> order;
    while (from.ready(true)) {
      const index_range taken = from.take(true);
      for (std::uint32_t i = taken.begin; i < taken.end; ++i) order.push_back(i);
    }
    return order;
  }

  std::vector<std::unique_ptr<backend>> made_;
  std::vector<backend*> devices_;
  std::unique_ptr<backend> host_;
  transfer_plan plan_;
  std::vector<backend*> backends_;
};

TEST_F(chunk_queue_test, chunks_come_in_file_order_while_there_is_room) {
  for (const std::uint32_t where : {0U, 1U, HOST, 2U}) chunk_for({where});
  chunk_queue it = queue(100);
  EXPECT_EQ(take_all(it), (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_TRUE(it.empty());
}

TEST_F(chunk_queue_test, a_device_with_its_share_is_overtaken) {
  for (const std::uint32_t where : {0U, 0U, 0U, 1U, 2U, 0U, 2U}) chunk_for({where});
  chunk_queue it = queue(6);  // two each
  EXPECT_EQ(take_all(it), (std::vector<std::uint32_t>{0, 1, 3, 4, 6}));
  EXPECT_FALSE(it.empty());
  it.release(0);
  EXPECT_EQ(take_all(it), std::vector<std::uint32_t>{2});
  it.release(0);
  EXPECT_EQ(take_all(it), std::vector<std::uint32_t>{5});
  EXPECT_TRUE(it.empty());
}

TEST_F(chunk_queue_test, a_slot_counts_against_every_device_that_reads_it) {
  chunk_for({0, 1});
  for (const std::uint32_t where : {0U, 1U, 2U}) chunk_for({where});
  chunk_for({2, 1});
  chunk_queue it = queue(3);  // one each
  EXPECT_EQ(std::vector(it.devices_of(4).begin(), it.devices_of(4).end()),
            (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(take_all(it), (std::vector<std::uint32_t>{0, 3}));
  it.release(1);
  EXPECT_EQ(take_all(it), std::vector<std::uint32_t>{2});
  it.release(0);
  EXPECT_EQ(take_all(it), std::vector<std::uint32_t>{1});
  it.release(1);
  EXPECT_FALSE(it.ready(true)) << "cuda:2 still has chunk 3";
  it.release(2);
  EXPECT_EQ(take_all(it), std::vector<std::uint32_t>{4});
}

TEST_F(chunk_queue_test, chunks_without_a_slot_never_wait) {
  chunk_for({0});
  chunk_for({HOST}, false);
  chunk_for({HOST}, false);
  chunk_queue it = queue(1);
  ASSERT_TRUE(it.ready(false));
  const index_range taken = it.take(false);
  EXPECT_EQ(taken.begin, 1U);
  EXPECT_EQ(taken.end, 3U) << "small ones that follow one another are taken together";
  EXPECT_FALSE(it.ready(false));
  EXPECT_TRUE(it.ready(true));
}

// Or devices that are slow would keep host rows waiting, too.
TEST_F(chunk_queue_test, the_host_has_a_share_of_slots) {
  for (const std::uint32_t where : {0U, 1U, 2U, 0U, 1U, 2U, HOST}) chunk_for({where});
  chunk_queue it = queue(4);
  EXPECT_EQ(take_all(it), (std::vector<std::uint32_t>{0, 1, 2, 6}));
}

/// The next chunk according to the rules, found by a search of all chunks.
class naive_queue {
 public:
  naive_queue(const transfer_plan& plan, const chunk_queue& real, std::size_t devices,
              std::size_t share)
      : plan_(plan), real_(real), taken_(plan.chunks.size()), held_(devices), share_(share) {}

  /// SIZE_MAX: none may go on.
  [[nodiscard]] std::size_t next(bool slot_free) const {
    std::set<std::vector<std::uint32_t>> waiting;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (taken_[i] || (plan_.chunks[i].needs_slot && !slot_free)) continue;
      const auto devices = of(i);
      const bool may_go_on =
          std::ranges::all_of(devices, [&](auto device) { return held_[device] < share_; });
      if (may_go_on &&
          (!plan_.chunks[i].needs_slot || waiting.size() < chunk_queue::SEARCHED_GROUPS)) {
        return i;
      }
      waiting.insert({devices.begin(), devices.end()});
    }
    return SIZE_MAX;
  }
  void take(const index_range& range) {
    for (const std::uint32_t device : of(range.begin)) ++held_[device];
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      EXPECT_FALSE(taken_[i]) << "chunk " << i << " is taken twice";
      taken_[i] = true;
    }
  }
  void release(std::uint32_t device) { --held_[device]; }

 private:
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t chunk) const {
    return real_.devices_of(static_cast<std::uint32_t>(chunk));
  }

  const transfer_plan& plan_;
  const chunk_queue& real_;
  std::vector<bool> taken_;
  std::vector<std::size_t> held_;
  std::size_t share_;
};

TEST_F(chunk_queue_test, takes_what_a_search_of_all_chunks_finds) {
  std::mt19937 random(7);
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  for (int round = 0; round < 200; ++round) {
    // A few rounds with more groups than are searched.
    const bool large = round % 20 == 0;
    const std::uint32_t devices = large ? 20 : 6;
    use_devices(devices);
    clear();
    const std::uint32_t chunks = large ? 1000 : 1 + below(60);
    const std::uint32_t most_rows = 1 + below(4);
    for (std::uint32_t i = 0; i < chunks; ++i) {
      std::vector<std::uint32_t> rows;
      for (std::uint32_t r = below(most_rows + 1); r > 0; --r) rows.push_back(below(devices));
      chunk_for(rows, !rows.empty());
    }
    const std::size_t share = 1 + below(3);
    chunk_queue real = queue(devices_.size() * share);
    naive_queue naive(plan_, real, devices_.size(), share);
    std::vector<std::uint32_t> held;
    while (!real.empty()) {
      const bool slot_free = below(4) != 0;
      const std::size_t expected = naive.next(slot_free);
      ASSERT_EQ(real.ready(slot_free), expected != SIZE_MAX);
      if (expected != SIZE_MAX && below(5) != 0) {
        const index_range taken = real.take(slot_free);
        ASSERT_EQ(taken.begin, expected);
        naive.take(taken);
        const auto holders = real.devices_of(taken.begin);
        held.insert(held.end(), holders.begin(), holders.end());
      } else if (!held.empty()) {
        std::swap(held[below(static_cast<std::uint32_t>(held.size()))], held.back());
        real.release(held.back());
        naive.release(held.back());
        held.pop_back();
      }
    }
  }
}

// As many groups as chunks, and most of them wait: a search of all would look at thousands each
// time.
TEST_F(chunk_queue_test, a_search_looks_at_a_limited_number_of_groups) {
  constexpr std::uint32_t DEVICES = 64;
  constexpr std::uint32_t CHUNKS = 8000;
  use_devices(DEVICES);
  std::mt19937 random(7);
  for (std::uint32_t i = 0; i < CHUNKS; ++i) {
    std::vector<std::uint32_t> rows(3);
    for (std::uint32_t& row : rows) row = static_cast<std::uint32_t>(random() % DEVICES);
    chunk_for(rows);
  }
  chunk_queue it = queue(2 * DEVICES);
  std::deque<std::uint32_t> held;
  while (!it.empty()) {
    while (it.ready(true)) held.push_back(it.take(true).begin);
    ASSERT_FALSE(held.empty());
    for (const std::uint32_t device : it.devices_of(held.front())) it.release(device);
    held.pop_front();
  }
  // Two searches for each chunk that is taken, and one for each that is released.
  EXPECT_LE(it.groups_examined(), std::size_t{3} * 256 * CHUNKS);
}

}  // namespace
}  // namespace warmstart::detail

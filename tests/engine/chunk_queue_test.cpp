#include "engine/chunk_queue.hpp"

#include <gtest/gtest.h>

#include "support/scripted_backend.hpp"

namespace warmstart {
namespace {

using test::scripted_backend;

/// Chunks of one byte each that rows of these devices want.
class chunk_queue_test : public testing::Test {
 protected:
  static constexpr std::uint32_t HOST = 9;

  chunk_queue_test() {
    for (int i = 0; i < 3; ++i) {
      made_.push_back(std::make_unique<scripted_backend>(device(device_kind::cuda, i),
                                                         scripted_backend::script{}));
      devices_.push_back(made_.back().get());
    }
    host_ = make_host_backend();
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

TEST_F(chunk_queue_test, in_file_order_while_there_is_room) {
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

TEST_F(chunk_queue_test, a_slot_counts_against_all_that_read_it) {
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

TEST_F(chunk_queue_test, what_needs_no_slot_never_waits) {
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

}  // namespace
}  // namespace warmstart

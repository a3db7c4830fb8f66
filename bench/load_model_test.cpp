#include "load_model.hpp"

#include <gtest/gtest.h>

namespace warmstart::detail {
namespace {

/// 10 chunks of 1 MB: all bytes to cuda:0, half of them to cuda:1 too, and a quarter from cuda:0 to
/// cuda:1.
load_plan ten_chunks() {
  load_plan plan;
  plan.bytes_read = 10'000'000;
  plan.slot_bytes = 1'000'000;
  plan.slot_count = 100;
  plan.devices = {{.device = "cpu:0", .landed_bytes = 5},
                  {.device = "cuda:0", .link_bytes = 10'000'000},
                  {.device = "cuda:1", .link_bytes = 5'000'000}};
  plan.links = {{.source = "cuda:0", .destination = "cuda:1", .bytes = 2'500'000}};
  return plan;
}

machine_speeds speeds(double storage, double host, double peer) {
  machine_speeds made{.storage_gbps = storage, .memory_gbps = 0, .links = {}};
  made.links.host_gbps = host;
  made.links.peer_gbps[{"cuda:0", "cuda:1"}] = peer;
  return made;
}

TEST(load_model, the_slowest_stage_and_a_chunk_s_way_through_the_others) {
  const predicted_load slow_files = predict(ten_chunks(), speeds(0.1, 0.2, 0.5));
  EXPECT_EQ(slow_files.stages.front().name, "storage");
  EXPECT_DOUBLE_EQ(slow_files.stages.front().seconds, 0.1);
  EXPECT_DOUBLE_EQ(slow_files.seconds, 0.1 + 0.005 + 0.002);
  const predicted_load slow_link = predict(ten_chunks(), speeds(1, 0.1, 0.5));
  EXPECT_EQ(slow_link.stages.front().name, "host to cuda:0");
  EXPECT_DOUBLE_EQ(slow_link.seconds, 0.1 + 0.001 + 0.002);
  const predicted_load slow_peer = predict(ten_chunks(), speeds(1, 1, 0.01));
  EXPECT_EQ(slow_peer.stages.front().name, "cuda:0 to cuda:1");
  EXPECT_DOUBLE_EQ(slow_peer.seconds, 0.25 + 0.001 + 0.001);
}

TEST(load_model, memory_carries_what_is_read_and_what_is_copied) {
  machine_speeds slow = speeds(10, 10, 10);
  slow.memory_gbps = 0.1;
  const predicted_load predicted = predict(ten_chunks(), slow);
  EXPECT_EQ(predicted.stages.front().name, "host memory");
  EXPECT_DOUBLE_EQ(predicted.stages.front().seconds, 0.25);
}

TEST(load_model, one_slot_is_filled_and_emptied_in_turn) {
  load_plan plan = ten_chunks();
  plan.slot_count = 1;
  EXPECT_DOUBLE_EQ(predict(plan, speeds(0.1, 0.1, 1)).seconds, 0.2);
}

TEST(load_model, nothing_takes_no_time) {
  EXPECT_EQ(predict({}, speeds(1, 1, 1)).seconds, 0);
  EXPECT_TRUE(predict({}, speeds(1, 1, 1)).stages.empty());
}

}  // namespace
}  // namespace warmstart::detail

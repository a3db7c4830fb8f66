// What the engine tells of a load.

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "support/load_fixture.hpp"
#include "support/scripted_backend.hpp"

namespace warmstart {
namespace {

using test::load_fixture;
using test::scripted_backend;

class engine_trace : public testing::Test {
 protected:
  void load(const device& where, bool direct = false) {
    it.options.direct_reads = direct;
    it.traced = true;
    make_large(it, where);
    plan = it.plan(test::LARGE);
    if (where.kind() != device_kind::cpu) {
      it.engine.use(
          std::make_unique<scripted_backend>(where, scripted_backend::script{.polls = 3}));
    }
    it.load(plan);
  }

  /// Events of that kind by chunk; each chunk has at most one.
  [[nodiscard]] std::map<std::int64_t, trace_event> by_chunk(traced_work what) const {
    std::map<std::int64_t, trace_event> found;
    for (const trace_lane& lane : it.trace.lanes) {
      for (const trace_event& event : lane.events) {
        if (event.what != what) continue;
        EXPECT_TRUE(found.emplace(event.chunk, event).second) << "chunk " << event.chunk;
      }
    }
    return found;
  }

  [[nodiscard]] std::size_t lanes_of(const std::string& group) const {
    return static_cast<std::size_t>(
        std::count_if(it.trace.lanes.begin(), it.trace.lanes.end(),
                      [&](const trace_lane& lane) { return lane.group == group; }));
  }

  load_fixture it{2};
  transfer_plan plan;
};

TEST_F(engine_trace, nothing_in_a_lane_overlaps) {
  load("cuda:0");
  EXPECT_EQ(lanes_of("readers"), 2U);
  EXPECT_EQ(lanes_of("slots"), static_cast<std::size_t>(plan.slot_count));
  EXPECT_EQ(lanes_of("driver"), 1U);
  for (const trace_lane& lane : it.trace.lanes) {
    double end = 0;
    for (const trace_event& event : lane.events) {
      EXPECT_GE(event.begin, end) << lane.name;
      EXPECT_GE(event.end, event.begin) << lane.name;
      end = event.end;
    }
  }
}

TEST_F(engine_trace, a_slot_is_held_while_its_chunk_is_read_and_submitted) {
  load("cuda:0");
  const auto reads = by_chunk(traced_work::read);
  const auto holds = by_chunk(traced_work::hold);
  const auto submits = by_chunk(traced_work::submit);
  ASSERT_EQ(reads.size(), plan.chunks.size());
  ASSERT_EQ(holds.size(), plan.chunks.size());
  ASSERT_EQ(submits.size(), plan.chunks.size());
  for (const auto& [chunk, hold] : holds) {
    EXPECT_LE(hold.begin, reads.at(chunk).begin);
    EXPECT_LE(reads.at(chunk).end, submits.at(chunk).begin);
    EXPECT_LE(submits.at(chunk).end, hold.end);
    EXPECT_EQ(reads.at(chunk).bytes, plan.chunks[static_cast<std::size_t>(chunk)].size_bytes);
  }
  EXPECT_EQ(it.trace.files, std::vector<std::string>{"data"});
  ASSERT_EQ(it.trace.chunks.size(), plan.chunks.size());
  EXPECT_EQ(it.trace.chunks.front().tensor, "a");
  EXPECT_EQ(it.trace.chunks.back().tensor, "c");
}

TEST_F(engine_trace, direct_reads_are_checked_by_themselves) {
  load(device::host(), true);
  const auto reads = by_chunk(traced_work::read);
  const auto checks = by_chunk(traced_work::check);
  ASSERT_EQ(reads.size(), plan.chunks.size());
  ASSERT_EQ(checks.size(), plan.chunks.size());
  EXPECT_EQ(by_chunk(traced_work::copy).size(), plan.chunks.size());
  for (const auto& [chunk, read] : reads) EXPECT_LE(read.end, checks.at(chunk).begin);
}

TEST_F(engine_trace, a_load_after_it_is_not_traced) {
  load(device::host());
  it.trace = {};
  it.traced = false;
  it.load(plan);
  EXPECT_TRUE(it.trace.lanes.empty());
}

}  // namespace
}  // namespace warmstart

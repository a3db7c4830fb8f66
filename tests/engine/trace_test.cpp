// Traces that the engine records.

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "support/load_fixture.hpp"
#include "support/scripted_backend.hpp"

namespace warmstart::detail {
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
        if (event.work != what) continue;
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
    const traced_chunk& told = it.trace.chunks[static_cast<std::size_t>(chunk)];
    ASSERT_EQ(told.released.size(), 1U);
    EXPECT_EQ(told.released[0].device, device("cuda:0"));
    EXPECT_LE(submits.at(chunk).end, told.released[0].time);
    EXPECT_LE(told.released[0].time, hold.end);
  }
  EXPECT_EQ(it.trace.files, std::vector<std::string>{"data"});
  ASSERT_EQ(it.trace.chunks.size(), plan.chunks.size());
  EXPECT_EQ(it.trace.chunks.front().tensor, "a");
  EXPECT_EQ(it.trace.chunks.back().tensor, "c");
}

TEST_F(engine_trace, chunks_name_the_slot_that_held_them) {
  load("cuda:0");
  std::size_t held = 0;
  for (const trace_lane& lane : it.trace.lanes) {
    if (lane.group != "slots") continue;
    for (const trace_event& event : lane.events) {
      const std::int64_t slot = it.trace.chunks[static_cast<std::size_t>(event.chunk)].slot;
      EXPECT_EQ("slot " + std::to_string(slot), lane.name);
      ++held;
    }
  }
  EXPECT_EQ(held, plan.chunks.size());
}

TEST_F(engine_trace, a_slot_names_the_device_that_holds_it_longest) {
  it.source.tensor("a", dtype::float32, {1000});
  it.rows.variable("x", dtype::float32, {1000}, {}, "cuda:0")
      .variable("y", dtype::float32, {1000}, {}, "cuda:1");
  it.store();
  it.traced = true;
  it.engine.use(
      std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{.polls = 9}));
  it.engine.use(
      std::make_unique<scripted_backend>(device("cuda:1"), scripted_backend::script{.polls = 1}));
  it.load(it.plan({0, 0}));
  ASSERT_EQ(it.trace.chunks.size(), 1U);
  const std::vector<slot_release>& released = it.trace.chunks[0].released;
  ASSERT_EQ(released.size(), 2U);
  EXPECT_EQ(released[0].device, device("cuda:1"));
  EXPECT_EQ(released[1].device, device("cuda:0"));
  EXPECT_LE(released[0].time, released[1].time);
  EXPECT_LE(released[1].time, by_chunk(traced_work::hold).at(0).end);
}

TEST_F(engine_trace, in_place_reads_use_no_slot) {
  load(device::host());
  const auto landed = std::count_if(plan.chunks.begin(), plan.chunks.end(),
                                    [](const chunk& one) { return !one.needs_slot; });
  EXPECT_GT(landed, 0);
  EXPECT_EQ(std::count_if(it.trace.chunks.begin(), it.trace.chunks.end(),
                          [](const traced_chunk& one) { return one.slot < 0; }),
            landed);
}

TEST_F(engine_trace, direct_reads_are_checked_in_a_step_of_their_own) {
  load(device::host(), true);
  const auto reads = by_chunk(traced_work::read);
  const auto checks = by_chunk(traced_work::check);
  ASSERT_EQ(reads.size(), plan.chunks.size());
  ASSERT_EQ(checks.size(), plan.chunks.size());
  EXPECT_EQ(by_chunk(traced_work::copy).size(), plan.chunks.size());
  for (const auto& [chunk, read] : reads) EXPECT_LE(read.end, checks.at(chunk).begin);
}

TEST_F(engine_trace, a_load_after_a_traced_one_is_not_traced) {
  load(device::host());
  it.trace = {};
  it.traced = false;
  it.load(plan);
  EXPECT_TRUE(it.trace.lanes.empty());
}

}  // namespace
}  // namespace warmstart::detail

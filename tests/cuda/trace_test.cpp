// Traces of devices, converted to the host's clock.

#include <cuda_runtime_api.h>
#include <cudaemu.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "cuda/cuda_model.hpp"
#include "cuda/gpus.hpp"
#include "cuda/handles.hpp"

namespace warmstart::detail {
namespace {

using test::cuda_model;

/// Links of the emulator that have a speed while this is there.
class link_limits {
 public:
  struct limit {
    int from;
    int to;
    double gbps;
  };

  explicit link_limits(std::vector<limit> limits) : limits_(std::move(limits)) {
    for (const limit& one : limits_) cudaemu_set_link(one.from, one.to, one.gbps);
  }
  link_limits(const link_limits&) = delete;
  link_limits& operator=(const link_limits&) = delete;
  ~link_limits() {
    for (const limit& one : limits_) cudaemu_set_link(one.from, one.to, 0);
  }

 private:
  std::vector<limit> limits_;
};

class device_trace : public testing::Test {
 protected:
  [[nodiscard]] static std::int64_t bytes_of(const load_trace& trace, const std::string& group,
                                             traced_work what) {
    std::int64_t bytes = 0;
    for (const trace_lane& lane : trace.lanes) {
      if (lane.group != group) continue;
      for (const trace_event& event : lane.events) bytes += event.work == what ? event.bytes : 0;
    }
    return bytes;
  }

  const cuda_model model_;
};

TEST_F(device_trace, bytes_are_those_of_the_plan_and_slots_are_held_for_them) {
  variable_store vars = model_.make_replicas(test::first_gpus(2));
  load_trace trace;
  load_options options = test::small_chunks();
  options.min_run_bytes = 4096;
  options.trace = &trace;
  const load_plan plan = make_plan(vars, options);
  const double seconds = run_initializers(vars, options).seconds;
  for (const load_plan::device_totals& one : plan.devices) {
    EXPECT_EQ(bytes_of(trace, to_string(one.device), traced_work::upload), one.link_bytes);
    EXPECT_EQ(bytes_of(trace, to_string(one.device), traced_work::relay), one.relayed_bytes);
  }
  std::map<std::int64_t, trace_event> holds;
  for (const trace_lane& lane : trace.lanes) {
    if (lane.group != "slots") continue;
    for (const trace_event& event : lane.events) holds[event.chunk] = event;
  }
  int kernels = 0;
  for (const trace_lane& lane : trace.lanes) {
    if (!lane.group.starts_with("cuda:")) continue;
    for (const trace_event& event : lane.events) {
      EXPECT_LE(event.begin, event.end);
      EXPECT_LE(event.end, seconds) << to_string(event.work);
      kernels += event.work == traced_work::kernel ? 1 : 0;
      if (event.work != traced_work::upload) continue;
      constexpr double CLOCKS_APART = 1e-3;
      EXPECT_GE(event.begin, holds.at(event.chunk).begin - CLOCKS_APART);
      EXPECT_LE(event.end, holds.at(event.chunk).end + CLOCKS_APART);
    }
  }
  EXPECT_GT(kernels, 0);
  EXPECT_TRUE(verify(vars).complete());
}

// The emulator's links have speeds, which bound each transfer time from below.
TEST_F(device_trace, times_are_those_of_the_links) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "speeds are the emulator's";
  if (cuda_peers_of(1).empty()) GTEST_SKIP() << "no peer access";
  constexpr double HOST_GBPS = 0.05;
  constexpr double PEER_GBPS = 0.1;
  const link_limits limits({{CUDAEMU_HOST, 0, HOST_GBPS},
                            {CUDAEMU_HOST, 1, HOST_GBPS},
                            {0, 1, PEER_GBPS},
                            {1, 0, PEER_GBPS}});
  variable_store vars = model_.make_replicas({"cuda:0", "cuda:1"});
  load_trace trace;
  load_options options = test::small_chunks();
  options.min_run_bytes = 4096;
  options.trace = &trace;
  const double seconds = run_initializers(vars, options).seconds;
  std::int64_t uploaded = 0;
  std::int64_t relayed = 0;
  for (const trace_lane& lane : trace.lanes) {
    if (!lane.group.starts_with("cuda:")) continue;
    double end = 0;
    double busy = 0;
    for (const trace_event& event : lane.events) {
      const bool upload = event.work == traced_work::upload;
      const bool relay = event.work == traced_work::relay;
      const double gbps = upload ? HOST_GBPS : PEER_GBPS;
      constexpr double ROUNDED = 1e-6;  // milliseconds come as float
      EXPECT_GE(event.begin, end - ROUNDED) << lane.group << ' ' << lane.name;
      end = event.end;
      busy += event.end - event.begin;
      if (!upload && !relay) continue;
      EXPECT_GE(event.end - event.begin, static_cast<double>(event.bytes) / gbps / 1e9 - ROUNDED);
      (upload ? uploaded : relayed) += event.bytes;
    }
    EXPECT_LE(busy, seconds) << lane.group << ' ' << lane.name;
  }
  EXPECT_GT(uploaded, 0);
  EXPECT_GT(relayed, 0);
}

TEST_F(device_trace, has_the_end_of_a_load_in_the_order_of_a_stream) {
  const cuda_stream stream = make_stream();
  engine kept;
  variable_store vars = model_.make({"cuda:0"});
  load_trace trace;
  const load_options options{
      .streams = {{"cuda:0", stream.get()}}, .trace = &trace, .engine = &kept};
  const load_plan plan = make_plan(vars, options);
  run_initializers(vars, options);
  EXPECT_EQ(bytes_of(trace, "cuda:0", traced_work::upload), plan.devices.front().link_bytes);
}

TEST_F(device_trace, a_failed_load_leaves_the_next_one_untraced) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "failures come from the emulator";
  variable_store vars = model_.make(test::first_gpus(2));
  engine kept;
  load_trace trace;
  load_options options = test::small_chunks();
  options.engine = &kept;
  options.trace = &trace;
  ASSERT_EQ(cudaemu_fail("cudaLaunchKernel", 0, cudaErrorLaunchOutOfResources), 0);
  EXPECT_THROW(run_initializers(vars, options), error);
  EXPECT_TRUE(trace.lanes.empty());
  options.trace = nullptr;
  const std::uint64_t before = cudaemu_call_count("cudaEventElapsedTime");
  run_initializers(vars, options);
  EXPECT_EQ(cudaemu_call_count("cudaEventElapsedTime"), before);
  EXPECT_TRUE(verify(vars).complete());
}

}  // namespace
}  // namespace warmstart::detail

// Loads over as many GPUs as there are, up to eight, with peer access or without: the same bits as
// on the host, each stored byte read once, and on every link what the plan says.

#include <cudaemu.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "cuda/cuda_model.hpp"
#include "cuda/device_bytes.hpp"
#include "cuda/device_guard.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/gpus.hpp"
#include "cuda/handles.hpp"
#include "engine/backend.hpp"

namespace warmstart::detail {
namespace {

using test::cuda_model;
using test::first_gpus;
using test::resident_bytes;
using test::small_chunks;

std::uint64_t passed(int from, int to) {
  cudaemu_link_totals totals{};
  EXPECT_EQ(cudaemu_link_stats(from, to, &totals), 0);
  return totals.bytes;
}

class several_gpus : public testing::Test {
 protected:
  several_gpus() : on_host_(model_.make({"cpu:0"})) { run_initializers(on_host_); }

  void SetUp() override {
    if (cuda_device_count() == 0) GTEST_SKIP() << "no CUDA device";
  }

  /// 1, 2, 3, 4 and 8, as far as there are so many.
  static std::vector<int> counts() {
    std::vector<int> possible = {1, 2, 3, 4, 8};
    std::erase_if(possible, [](int count) { return count > cuda_device_count(); });
    return possible;
  }
  static bool have_peers() { return !cuda_peers_of(0).empty(); }

  void expect_as_on_host(const variable_store& vars) const {
    for (const variable& v : vars.variables()) {
      for (const variable& part : v.parts()) {
        const auto wanted = resident_bytes(*on_host_.find(part.name()));
        for (std::size_t i = 0; i < part.devices().size(); ++i) {
          EXPECT_TRUE(resident_bytes(part, i) == wanted) << part.name() << " replica " << i;
        }
      }
    }
    EXPECT_TRUE(verify(vars).complete());
  }

  /// Loads, and compares each link's bytes with the plan's where they are counted.
  static void load_as_planned(variable_store& vars, const load_options& options) {
    const load_plan plan = make_plan(vars, options);
    const bool counted = cudaemu_present() != 0;
    if (counted) cudaemu_reset_stats();
    EXPECT_EQ(run_initializers(vars, options).bytes_read, plan.bytes_read) << "one read for all";
    if (!counted) return;
    for (const load_plan::device_totals& one : plan.devices) {
      if (one.device.kind() == device_kind::cpu) continue;
      EXPECT_EQ(passed(CUDAEMU_HOST, one.device.index()),
                static_cast<std::uint64_t>(one.link_bytes));
    }
    std::uint64_t between = 0;
    for (const load_plan::link& one : plan.links) {
      EXPECT_EQ(passed(one.source.index(), one.destination.index()),
                static_cast<std::uint64_t>(one.bytes));
      between += static_cast<std::uint64_t>(one.bytes);
    }
    for (int from = 0; from < cuda_device_count(); ++from) {
      for (int to = 0; to < cuda_device_count(); ++to) {
        if (from != to) between -= passed(from, to);
      }
    }
    EXPECT_EQ(between, 0U) << "bytes took a link of which the plan says nothing";
  }

  const cuda_model model_;
  variable_store on_host_;
};

// Whole variables and parts in turn on all GPUs and the host.
TEST_F(several_gpus, variables_and_parts_on_all_of_them_and_on_the_host) {
  for (const int count : counts()) {
    std::vector<device> everywhere = first_gpus(count);
    everywhere.emplace_back("cpu:0");
    for (const std::int64_t min_run_bytes : {std::int64_t{1}, std::int64_t{1} << 40}) {
      variable_store vars = model_.make(everywhere);
      load_options options = small_chunks();
      options.min_run_bytes = min_run_bytes;
      load_as_planned(vars, options);
      expect_as_on_host(vars);
    }
  }
}

// Whole rows, parts, columns, a cast: all of it on every GPU. What has a replica that can pass it
// on crosses one host link.
TEST_F(several_gpus, replicas_take_their_bytes_from_one_another_where_they_can) {
  for (const int count : counts()) {
    for (const std::int64_t min_run_bytes : {std::int64_t{1}, std::int64_t{4096}}) {
      variable_store vars = model_.make_replicas(first_gpus(count));
      load_options options = small_chunks();
      options.budget_bytes *= 4;  // eight mirrors
      options.min_run_bytes = min_run_bytes;
      EXPECT_EQ(make_plan(vars, options).links.empty(), count == 1 || !have_peers());
      load_as_planned(vars, options);
      expect_as_on_host(vars);
    }
  }
}

// Stored by columns: what a chunk brings is not together in the row, so all of it is passed on at
// once.
TEST_F(several_gpus, columns_are_passed_on_after_the_last_chunk) {
  if (!have_peers()) GTEST_SKIP() << "no peer access";
  const test::temporary_directory directory;
  test::bundle_writer writer;
  std::vector<std::pair<slice, std::string>> columns;
  for (int i = 0; i < 4; ++i) {
    columns.emplace_back(slice::parse("0,150:" + std::to_string(100 * i) + ",100"),
                         std::string(150UL * 100 * 4, static_cast<char>('a' + i)));
  }
  writer.partitioned("table", dtype::float32, {150, 400}, columns);
  writer.write(directory / "m");
  for (const int count : counts()) {
    if (count == 1) continue;
    variable_store vars("cpu:0");
    vars.get_variable("table", {150, 400}, {.placement = replicated(first_gpus(count))});
    init_from_checkpoint(vars, directory / "m", {{"table", "table"}});
    load_options options = small_chunks();
    options.budget_bytes *= 4;
    EXPECT_FALSE(make_plan(vars, options).links.empty());
    load_as_planned(vars, options);
    EXPECT_TRUE(verify(vars).complete());
  }
}

TEST_F(several_gpus, replicas_without_links_all_come_from_the_host) {
  for (const int count : counts()) {
    std::vector<device> everywhere = first_gpus(count);
    everywhere.emplace_back("cpu:0");
    variable_store vars = model_.make_replicas(everywhere);
    load_options options = small_chunks();
    options.budget_bytes *= 4;
    options.links = link_speeds{};
    load_as_planned(vars, options);
    expect_as_on_host(vars);
  }
}

// Each stream finds the values that its device has; nobody waits for a device.
TEST_F(several_gpus, a_stream_of_the_callers_on_each_of_them) {
  for (const int count : counts()) {
    const std::vector<device> gpus = first_gpus(count);
    std::vector<cuda_stream> streams;
    engine kept;
    load_options options = small_chunks();
    options.budget_bytes *= 4;
    options.engine = &kept;
    for (int i = 0; i < count; ++i) {
      const device_guard here(i);
      streams.push_back(make_stream());
      options.streams.emplace_back(gpus[static_cast<std::size_t>(i)], streams.back().get());
    }
    variable_store vars = model_.make_replicas(gpus);
    run_initializers(vars, options);
    const variable rows = vars.find("rows")->parts().front();
    const auto wanted = resident_bytes(on_host_.find("rows")->parts().front());
    const auto seen = allocate_pinned(wanted.size());
    for (std::size_t i = 0; i < streams.size(); ++i) {
      WARMSTART_CUDA_CHECK(cudaMemcpyAsync(seen->bytes().data(), rows.data(i), wanted.size(),
                                           cudaMemcpyDeviceToHost, streams[i].get()));
      WARMSTART_CUDA_CHECK(cudaStreamSynchronize(streams[i].get()));
      EXPECT_TRUE(std::ranges::equal(seen->bytes(), wanted)) << "stream of " << to_string(gpus[i]);
    }
    expect_as_on_host(vars);
  }
}

// The last one has a link a hundred times slower than the others'. They have all their bytes before
// it has half of its, though its come first in the file.
TEST_F(several_gpus, a_slow_one_delays_nobody_else) {
  const char* schedule = std::getenv("CUDAEMU_SCHEDULE");
  if (cudaemu_present() == 0 || (schedule != nullptr && schedule != std::string_view("async"))) {
    GTEST_SKIP() << "speeds are those of emulated links, while devices work by themselves";
  }
  constexpr std::int64_t SIZE = 4 << 20;
  for (const int count : counts()) {
    if (count == 1) continue;
    const int slow = count - 1;
    const test::temporary_directory directory;
    test::bundle_writer writer;
    variable_store vars("cpu:0");
    for (int i = 0; i < count; ++i) {
      const std::string name = (i == slow ? "a" : "b") + std::to_string(i);  // a is stored first
      writer.tensor(name, dtype::uint8, {SIZE}, std::string(SIZE, static_cast<char>('a' + i)));
      vars.get_variable(
          name, {SIZE},
          {.type = dtype::uint8, .placement = round_robin({device(device_kind::cuda, i)})});
      cudaemu_set_link(CUDAEMU_HOST, i, i == slow ? 0.004 : 0.4);
    }
    writer.write(directory / "m");
    init_from_checkpoint(vars, directory / "m", {{"/", "/"}});
    cudaemu_reset_stats();
    const auto has_all = [](int gpu) { return passed(CUDAEMU_HOST, gpu) == SIZE; };
    load_handle load =
        run_initializers_async(vars, {.budget_bytes = 64 * 64 * 1024, .chunk_bytes = 64 * 1024});
    const auto all_but_slow = [&] {
      for (int i = 0; i < slow; ++i) {
        if (!has_all(i)) return false;
      }
      return true;
    };
    while (!all_but_slow() && !load.done())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_LT(passed(CUDAEMU_HOST, slow), SIZE / 2) << count << " GPUs";
    load.wait();
    EXPECT_TRUE(has_all(slow));
    for (int i = 0; i < count; ++i) cudaemu_set_link(CUDAEMU_HOST, i, 0);
    EXPECT_TRUE(verify(vars).complete());
  }
}

}  // namespace
}  // namespace warmstart::detail

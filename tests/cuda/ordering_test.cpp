// Which work is complete when a call returns, when it fails, and when memory is freed.

#include <cudaemu.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "cuda/blocked_stream.hpp"
#include "cuda/cuda_model.hpp"
#include "cuda/device_bytes.hpp"
#include "cuda/device_guard.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/handles.hpp"

namespace warmstart::detail {
namespace {

using namespace std::chrono_literals;

/// Memory of the caller's, to which a stream of his still writes, late, when a variable gets it.
class memory_in_use final : public memory_resource {
 public:
  explicit memory_in_use(std::vector<cudaStream_t> by_device) : streams_(std::move(by_device)) {}

  void* allocate(std::size_t size_bytes, const device& where) override {
    const device_guard here(where.index());
    auto block = allocate_on_device(size_bytes);
    void* const data = block->bytes().data();
    cudaStream_t const stream = streams_.at(static_cast<std::size_t>(where.index()));
    WARMSTART_CUDA_CHECK(cudaLaunchHostFunc(
        stream, [](void*) { std::this_thread::sleep_for(50ms); }, nullptr));
    WARMSTART_CUDA_CHECK(cudaMemsetAsync(data, 0x55, size_bytes, stream));
    blocks_[data] = std::move(block);
    return data;
  }
  void deallocate(void* data, std::size_t /*size_bytes*/,
                  const device& /*where*/) noexcept override {
    blocks_.erase(data);
  }
  [[nodiscard]] const auto& blocks() const { return blocks_; }

 private:
  std::vector<cudaStream_t> streams_;
  std::map<void*, std::unique_ptr<staging_memory>> blocks_;
};

class ordering : public testing::Test {
 protected:
  ordering() : stream_(make_stream()) {}
  void TearDown() override {
    if (cudaemu_present()) cudaemu_clear_faults();
  }

  static constexpr std::size_t SIZE = 500UL * 130 * 4;

  static std::vector<std::byte> bytes_of(std::span<const std::byte> memory) {
    std::vector<std::byte> found(memory.size());
    WARMSTART_CUDA_CHECK(
        cudaMemcpy(found.data(), memory.data(), memory.size(), cudaMemcpyDeviceToHost));
    return found;
  }
  /// Writes to the caller's memory, so that copies still in flight become visible.
  static void expect_nothing_under_way(std::span<std::byte> memory, cudaStream_t stream) {
    WARMSTART_CUDA_CHECK(cudaMemsetAsync(memory.data(), 0x77, memory.size(), stream));
    WARMSTART_CUDA_CHECK(cudaStreamSynchronize(stream));
    WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());
    EXPECT_TRUE(bytes_of(memory) == std::vector(memory.size(), std::byte{0x77}));
  }

  test::cuda_model model_;
  cuda_stream stream_;
};

TEST_F(ordering, fills_begin_after_the_callers_stream) {
  const auto memory = std::make_shared<memory_in_use>(std::vector{stream_.get()});
  variable_store vars("cuda:0", memory);
  const variable v = vars.get_variable("v", {1000}, {.initializer = zeros()});
  engine kept;
  load_options options;
  options.streams = {{"cuda:0", stream_.get()}};
  options.engine = &kept;
  run_initializers(vars, options);
  WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());
  EXPECT_EQ(test::resident_bytes(v), std::vector(4000, std::byte{0}));
}

// What replicas take from one another comes after the stream of the one that takes it, and before
// what follows in the stream of the one that gives it.
TEST_F(ordering, relays_take_their_turn_in_both_callers_streams) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  variable_store on_host("cpu:0");
  const variable wanted = on_host.get_variable("rows", {500, 130});
  init_from_checkpoint(on_host, model_.path(), {{"rows", "rows"}});
  run_initializers(on_host);
  cuda_stream on_second;
  {
    const device_guard here(1);
    on_second = make_stream();
  }
  const std::vector<cudaStream_t> streams = {stream_.get(), on_second.get()};
  engine kept;
  load_options options = test::small_chunks();
  options.engine = &kept;
  options.streams = {{"cuda:0", streams[0]}, {"cuda:1", streams[1]}};
  for (const std::size_t giver : {0U, 1U, 0U}) {
    const std::size_t taker = 1 - giver;
    options.links = link_speeds{};
    options.links->peer_gbps[{options.streams[giver].device(), options.streams[taker].device()}] =
        1000;
    options.links->device_gbps[options.streams[taker].device()] = 1;
    variable_store vars("cuda:0", std::make_shared<memory_in_use>(streams));
    const variable rows =
        vars.get_variable("rows", {500, 130}, {.placement = replicated({"cuda:0", "cuda:1"})});
    init_from_checkpoint(vars, model_.path(), {{"rows", "rows"}});
    ASSERT_FALSE(make_plan(vars, options).links.empty());
    run_initializers(vars, options);
    WARMSTART_CUDA_CHECK(cudaMemsetAsync(rows.data(giver), 0x77, SIZE, streams[giver]));
    for (cudaStream_t const one : streams) WARMSTART_CUDA_CHECK(cudaStreamSynchronize(one));
    EXPECT_EQ(test::resident_bytes(rows, giver), std::vector(SIZE, std::byte{0x77}));
    EXPECT_TRUE(test::resident_bytes(rows, taker) == test::resident_bytes(wanted));
  }
}

TEST_F(ordering, a_failed_load_leaves_no_work_in_flight) {
  if (!cudaemu_present()) GTEST_SKIP() << "failures come from the emulator";
  for (const bool scattered : {false, true}) {
    engine kept;
    const auto memory = allocate_on_device(SIZE);
    variable_store vars("cuda:0");
    load_options options = test::small_chunks();
    options.engine = &kept;
    if (scattered) {
      vars.wrap("rows", {500, 130}, dtype::float32, memory->bytes().data(), SIZE, "cuda:0");
      init_from_checkpoint(vars, model_.path(), {{"rows", "rows"}});
      options.min_run_bytes = std::int64_t{1} << 40;
    } else {
      for (std::size_t i = 0; i < 40; ++i) {
        vars.wrap("small/" + std::to_string(i), {16, 2}, dtype::float32,
                  memory->bytes().data() + i * 128, 128, "cuda:0");
      }
      init_from_checkpoint(vars, model_.path(), {{"small/", "small/"}});
      options.min_run_bytes = 1;
    }
    // Behind the first chunk's kernel, or among the runs of the only chunk.
    ASSERT_EQ(cudaemu_fail("cudaMemcpyAsync", scattered ? 2 : 20, cudaErrorInvalidValue), 0);
    EXPECT_THROW(run_initializers(vars, options), error);
    expect_nothing_under_way(memory->bytes(), stream_.get());
  }
}

/// Memory that outlives the variables in it.
class kept_memory final : public memory_resource {
 public:
  void* allocate(std::size_t size_bytes, const device& where) override {
    const device_guard here(where.index());
    blocks_.push_back({where, allocate_on_device(size_bytes)});
    return blocks_.back().memory->bytes().data();
  }
  void deallocate(void*, std::size_t, const device&) noexcept override {}

  struct block {
    device on;
    std::unique_ptr<staging_memory> memory;
  };
  [[nodiscard]] const std::vector<block>& blocks() const { return blocks_; }

 private:
  std::vector<block> blocks_;
};

// A copy from a replica, behind which no event was recorded any more.
TEST_F(ordering, a_failed_load_leaves_no_relay_in_flight) {
  if (!cudaemu_present()) GTEST_SKIP() << "failures come from the emulator";
  engine kept;
  load_options options = test::small_chunks();
  options.engine = &kept;
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 1000);
    const auto memory = std::make_shared<kept_memory>();
    variable_store vars("cuda:0", memory);
    vars.get_variable("rows", {500, 130}, {.placement = replicated({"cuda:0", "cuda:1"})});
    init_from_checkpoint(vars, model_.path(), {{"rows", "rows"}});
    ASSERT_FALSE(make_plan(vars, options).links.empty());
    ASSERT_EQ(cudaemu_fail("cudaEventRecord", n, cudaErrorInvalidResourceHandle), 0);
    try {
      run_initializers(vars, options);
      break;
    } catch (const error&) {
      // What had been queued by then is done.
    }
    for (const kept_memory::block& one : memory->blocks()) {
      const device_guard here(one.on.index());
      const cuda_stream stream = make_stream();
      expect_nothing_under_way(one.memory->bytes(), stream.get());
    }
    cudaemu_clear_faults();  // not before: it waits for the devices
  }
}

TEST_F(ordering, a_failed_fill_leaves_no_work_in_flight) {
  if (!cudaemu_present()) GTEST_SKIP() << "failures come from the emulator";
  engine kept;
  const auto memory = std::make_shared<memory_in_use>(std::vector{stream_.get()});
  variable_store vars("cuda:0", memory);
  vars.get_variable("first", {1000}, {.initializer = constant(0.1)});
  vars.get_variable("second", {1000}, {.initializer = constant(0.1)});
  ASSERT_EQ(cudaemu_fail("cudaLaunchKernel", 1, cudaErrorInvalidValue), 0);
  load_options options;
  options.engine = &kept;
  EXPECT_THROW(run_initializers(vars, options), error);
  ASSERT_EQ(memory->blocks().size(), 2U);
  for (const auto& [data, block] : memory->blocks())
    expect_nothing_under_way(block->bytes(), stream_.get());
}

// Fills that are left to the order of a stream, on a device that the load does not use.
TEST_F(ordering, a_failed_load_leaves_no_fill_in_flight) {
  if (!cudaemu_present()) GTEST_SKIP() << "failures come from the emulator";
  const device_guard on_second(1);
  const cuda_stream stream = make_stream();
  engine kept;
  const auto memory =
      std::make_shared<memory_in_use>(std::vector<cudaStream_t>{nullptr, stream.get()});
  variable_store vars("cuda:0");
  vars.get_variable(
      "filled", {1000},
      {.initializer = zeros(), .placement = round_robin({"cuda:1"}), .memory = memory});
  init_from_checkpoint(vars, model_.path(), {{"rows", vars.get_variable("rows", {500, 130})}});
  load_options options;
  options.engine = &kept;
  options.streams = {{"cuda:1", stream.get()}};
  ASSERT_EQ(cudaemu_fail("cudaMemcpyAsync", 0, cudaErrorInvalidValue), 0);
  EXPECT_THROW(run_initializers(vars, options), error);
  ASSERT_EQ(memory->blocks().size(), 1U);
  for (const auto& [data, block] : memory->blocks())
    expect_nothing_under_way(block->bytes(), stream.get());
}

TEST_F(ordering, a_fill_that_fails_on_the_device_fails_the_run) {
  if (!cudaemu_present()) GTEST_SKIP() << "failures come from the emulator";
  variable_store vars("cuda:0", std::make_shared<memory_in_use>(std::vector{stream_.get()}));
  const variable v = vars.get_variable("v", {1000}, {.initializer = zeros()});
  ASSERT_EQ(cudaemu_fail("cudaStreamSynchronize", 0, cudaErrorLaunchFailure), 0);
  EXPECT_THROW(run_initializers(vars), error);
  EXPECT_FALSE(v.is_initialized());
  cudaemu_clear_faults();
}

TEST_F(ordering, giving_memory_back_does_not_wait_for_the_callers_streams) {
  if (!test::streams_run_by_themselves()) GTEST_SKIP() << "needs streams that run by themselves";
  engine kept;
  test::blocked_stream blocked(stream_.get());
  {
    variable_store vars("cuda:0");
    vars.get_variable("rows", {500, 130});
    init_from_checkpoint(vars, model_.path(), {{"rows", "rows"}});
    run_initializers(vars, {.engine = &kept});
  }
  EXPECT_EQ(cudaStreamQuery(stream_.get()), cudaErrorNotReady);
  (void)cudaGetLastError();
  blocked.let_go();
  ASSERT_EQ(cudaStreamSynchronize(stream_.get()), cudaSuccess);
}

}  // namespace
}  // namespace warmstart::detail

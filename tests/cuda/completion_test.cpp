// Values that arrive in the order of a caller's stream: who waits for them, and who does not.

#include <cuda_runtime_api.h>
#include <dlpack/dlpack.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cuda/blocked_stream.hpp"
#include "cuda/cuda_model.hpp"
#include "cuda/device_bytes.hpp"
#include "cuda/device_guard.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/handles.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::blocked_stream;
using test::counted;
using test::error_of;

class completion_test : public testing::Test {
 protected:
  completion_test() : stream_(make_stream()) {}

  /// Room for all of the model at once.
  [[nodiscard]] load_options ordered() {
    load_options options;
    options.chunk_bytes = 64 * 1024;
    options.reader_threads = 2;
    options.streams = {{"cuda:0", stream_.get()}};
    options.engine = &kept_;
    return options;
  }
  static std::vector<float> floats_of(std::span<const std::byte> bytes) {
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  /// The current contents of device memory, without waiting for pending work.
  static std::vector<float> table_at(const void* data) {
    std::vector<float> values(512);
    const cuda_stream other = make_stream();
    WARMSTART_CUDA_CHECK(
        cudaMemcpyAsync(values.data(), data, 2048, cudaMemcpyDeviceToHost, other.get()));
    WARMSTART_CUDA_CHECK(cudaStreamSynchronize(other.get()));
    return values;
  }

  test::cuda_model model_;
  test::small_model small_;
  cuda_stream stream_;
  engine kept_;
};

TEST_F(completion_test, verify_waits_on_any_engine) {
  variable_store vars = model_.make({"cuda:0"});
  run_initializers(vars, ordered());
  EXPECT_TRUE(verify(vars).complete());
  EXPECT_TRUE(verify(vars, &kept_).complete());
}

TEST_F(completion_test, a_stream_of_another_device_is_refused) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  std::optional<cuda_stream> second;
  {
    const device_guard here(1);
    second = make_stream();
  }
  variable_store vars = model_.make({"cuda:0"});
  load_options options = ordered();
  options.streams = {{"cuda:0", second->get()}};
  const error bad = error_of([&] { return run_initializers(vars, options); });
  EXPECT_EQ(bad.code(), error_code::invalid_argument);
  EXPECT_EQ(bad.problems().at(0).message,
            "stream of cuda:0: it belongs to cuda:1; pass it with that device");
  run_initializers(vars, ordered());
  EXPECT_TRUE(verify(vars).complete());
}

TEST_F(completion_test, verify_waits_for_relays) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  std::optional<cuda_stream> second;
  {
    const device_guard here(1);
    second = make_stream();
  }
  load_options options = ordered();
  options.streams.emplace_back("cuda:1", second->get());
  for (engine* const by : {&kept_, static_cast<engine*>(nullptr)}) {
    variable_store vars = model_.make_replicas({"cuda:0", "cuda:1"});
    run_initializers(vars, options);
    EXPECT_TRUE(verify(vars, by).complete());
  }
}

TEST_F(completion_test, read_back_waits_on_any_engine) {
  variable_store vars("cuda:0");
  const variable table = vars.get_variable("table", {64, 8});
  init_from_checkpoint(vars, small_.path(), {{"table", table}});
  run_initializers(vars, ordered());
  EXPECT_EQ(floats_of(read_back(table)), counted<float>(512));
}

TEST_F(completion_test, an_exported_tensor_has_its_values) {
  variable_store vars("cuda:0");
  const variable table = vars.get_variable("table", {64, 8});
  init_from_checkpoint(vars, small_.path(), {{"table", table}});
  run_initializers(vars, ordered());
  DLManagedTensor* const shared = to_dlpack(table);
  EXPECT_EQ(table_at(shared->dl_tensor.data), counted<float>(512));
  shared->deleter(shared);
}

TEST_F(completion_test, an_exported_tensor_keeps_its_memory) {
  DLManagedTensor* shared = nullptr;
  {
    variable_store vars("cuda:0");
    const variable table = vars.get_variable("table", {64, 8});
    init_from_checkpoint(vars, small_.path(), {{"table", table}});
    run_initializers(vars, ordered());
    shared = to_dlpack(table);
  }
  EXPECT_EQ(table_at(shared->dl_tensor.data), counted<float>(512));
  shared->deleter(shared);
}

TEST_F(completion_test, a_tensor_is_handed_back_when_its_values_have_arrived) {
  const auto memory = allocate_on_device(2048);
  std::int64_t sizes[] = {64, 8};
  std::vector<float> seen;
  DLManagedTensor foreign{.dl_tensor = {.data = memory->bytes().data(),
                                        .device = {.device_type = kDLCUDA, .device_id = 0},
                                        .ndim = 2,
                                        .dtype = {.code = kDLFloat, .bits = 32, .lanes = 1},
                                        .shape = sizes,
                                        .strides = nullptr,
                                        .byte_offset = 0},
                          .manager_ctx = &seen,
                          .deleter = [](DLManagedTensor* self) {
                            *static_cast<std::vector<float>*>(self->manager_ctx) =
                                table_at(self->dl_tensor.data);
                          }};
  {
    variable_store vars("cpu:0");
    const variable table = wrap_dlpack(vars, "table", &foreign);
    init_from_checkpoint(vars, small_.path(), {{"table", table}});
    run_initializers(vars, ordered());
  }
  EXPECT_EQ(seen, counted<float>(512));
}

// Pending values keep the device and its thread alive.
TEST_F(completion_test, values_can_be_awaited_after_their_engine_is_destroyed) {
  const auto memory = allocate_on_device(2048);
  variable_store vars("cuda:0");
  const variable table =
      vars.wrap("table", {64, 8}, dtype::float32, memory->bytes().data(), 2048, "cuda:0");
  init_from_checkpoint(vars, small_.path(), {{"table", table}});
  {
    engine own;
    load_options options = ordered();
    options.engine = &own;
    run_initializers(vars, options);
  }
  table.wait();
  EXPECT_TRUE(table.is_ready());
  EXPECT_EQ(table_at(table.data()), counted<float>(512));
}

// Otherwise the values of the first load would overwrite those of the second.
TEST_F(completion_test, a_load_of_another_engine_comes_after_the_ordered_one) {
  variable_store vars("cuda:0");
  const variable table = vars.get_variable("table", {6, 4});
  init_from_checkpoint(vars, small_.path(), {{"a/w", table}});
  run_initializers(vars, ordered());
  const test::small_model other;
  other.write(1000);
  init_from_checkpoint(vars, other.path(), {{"a/w", table}});
  run_initializers(vars);
  WARMSTART_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());
  EXPECT_EQ(floats_of(test::resident_bytes(table)).front(), 1000.0F);
}

TEST_F(completion_test, a_fill_by_another_engine_comes_after_the_ordered_load) {
  variable_store vars("cuda:0");
  const variable table = vars.get_variable("table", {64, 8}, {.initializer = zeros()});
  init_from_checkpoint(vars, small_.path(), {{"table", table}});
  run_initializers(vars, ordered());
  vars.reset(table);
  run_initializers(vars);
  WARMSTART_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());
  EXPECT_EQ(floats_of(test::resident_bytes(table)), std::vector<float>(512, 0.0F));
}

TEST_F(completion_test, memory_outlives_the_load_that_writes_to_it) {
  {
    variable_store vars = model_.make({"cuda:0"});
    run_initializers(vars, ordered());
  }
  EXPECT_EQ(cudaStreamSynchronize(stream_.get()), cudaSuccess);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
}

TEST_F(completion_test, is_ready_and_wait_tell_when_values_have_arrived) {
  variable_store vars("cuda:0");
  const variable table = vars.get_variable("table", {64, 8});
  init_from_checkpoint(vars, small_.path(), {{"table", table}});
  EXPECT_FALSE(table.is_ready());
  EXPECT_THROW(table.wait(), error);
  if (test::streams_run_by_themselves()) {
    blocked_stream blocked(stream_.get());
    run_initializers(vars, ordered());
    EXPECT_TRUE(table.is_initialized());
    EXPECT_FALSE(table.is_ready());
    blocked.let_go();
    table.wait();
  } else {
    run_initializers(vars, ordered());
    table.wait();
  }
  EXPECT_TRUE(table.is_ready());
  EXPECT_EQ(floats_of(test::resident_bytes(table)), counted<float>(512));
}

/// Loads ordered by a stream that waits for a later action of the same thread.
class blocked_stream_test : public completion_test {
 protected:
  void SetUp() override {
    if (!test::streams_run_by_themselves()) {
      GTEST_SKIP() << "needs streams that run by themselves";
    }
  }
};

TEST_F(blocked_stream_test, a_load_that_is_staged_at_once_returns) {
  blocked_stream blocked(stream_.get());
  variable_store vars = model_.make({"cuda:0"});
  run_initializers(vars, ordered());
  blocked.let_go();
  EXPECT_TRUE(verify(vars).complete());
}

TEST_F(blocked_stream_test, a_second_load_gets_staging_memory_of_its_own) {
  blocked_stream blocked(stream_.get());
  variable_store first = model_.make({"cuda:0"});
  variable_store second = model_.make({"cuda:0"});
  run_initializers(first, ordered());
  run_initializers(second, ordered());
  blocked.let_go();
  EXPECT_TRUE(verify(first).complete());
  EXPECT_TRUE(verify(second).complete());
}

// Freeing pinned memory may wait for all streams.
TEST_F(blocked_stream_test, staging_memory_that_is_too_small_is_kept) {
  variable_store first = model_.make({"cuda:0"});
  load_options smaller = test::small_chunks();
  smaller.engine = &kept_;
  run_initializers(first, smaller);
  blocked_stream blocked(stream_.get());
  variable_store second = model_.make({"cuda:0"});
  run_initializers(second, ordered());
  blocked.let_go();
  EXPECT_TRUE(verify(second).complete());
}

TEST_F(blocked_stream_test, more_bytes_than_the_budget_are_refused_before_anything_is_queued) {
  variable_store vars = model_.make({"cuda:0"});
  load_options options = ordered();
  options.budget_bytes = test::small_chunks().budget_bytes;
  {
    blocked_stream blocked(stream_.get());
    const error refused = error_of([&] { return run_initializers(vars, options); });
    EXPECT_EQ(refused.code(), error_code::out_of_memory);
    EXPECT_NE(std::string(refused.what()).find("raise budget_bytes"), std::string::npos)
        << refused.what();
    for (const variable& v : vars.variables()) {
      for (const variable& part : v.parts()) EXPECT_THROW((void)part.data(), error);
    }
  }
  // The stream is idle now.
  run_initializers(vars, options);
  EXPECT_TRUE(verify(vars).complete());
}

TEST_F(blocked_stream_test, a_traced_load_is_refused) {
  blocked_stream blocked(stream_.get());
  variable_store vars = model_.make({"cuda:0"});
  load_trace trace;
  load_options options = ordered();
  options.trace = &trace;
  const error refused = error_of([&] { return run_initializers(vars, options); });
  EXPECT_EQ(refused.code(), error_code::invalid_argument);
}

TEST_F(blocked_stream_test, a_load_waits_if_it_is_allowed_to) {
  variable_store vars = model_.make({"cuda:0"});
  load_options options = ordered();
  options.budget_bytes = test::small_chunks().budget_bytes;
  options.wait_for_streams = true;
  blocked_stream blocked(stream_.get());
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    blocked.let_go();
  });
  run_initializers(vars, options);
  later.join();
  EXPECT_TRUE(verify(vars).complete());
}

// Initializer values between remapped rows are checked later.
TEST_F(blocked_stream_test, a_load_with_remapped_rows_returns) {
  variable_store vars("cuda:0");
  const variable grown =
      vars.get_variable("grown", {70, 8}, {.initializer = truncated_normal(0, 1)});
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < 70; ++i) rows.push_back(i % 7 == 0 || i > 63 ? -1 : i);
  init_from_checkpoint(vars, small_.path(), {{"table", grown, {.rows = remap{.indices = rows}}}});
  blocked_stream blocked(stream_.get());
  run_initializers(vars, ordered());
  blocked.let_go();
  EXPECT_TRUE(verify(vars).complete());
  test::flip_bit(grown, 3, 0);  // in a row that the initializer made
  EXPECT_EQ(verify(vars).damage.size(), 1U);
}

// A device without a stream must not copy from a device whose stream is blocked.
TEST_F(blocked_stream_test, a_device_without_a_stream_is_waited_for_alone) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  variable_store vars = model_.make_replicas({"cuda:0", "cuda:1"});
  blocked_stream blocked(stream_.get());
  run_initializers(vars, ordered());
  const variable rows = vars.find("rows")->parts().front();
  EXPECT_FALSE(rows.is_ready(0));
  EXPECT_TRUE(rows.is_ready(1));
  blocked.let_go();
  EXPECT_TRUE(verify(vars).complete());
}

}  // namespace
}  // namespace warmstart::detail

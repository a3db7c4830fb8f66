// Memory and streams that the caller owns.

#include <cuda_runtime_api.h>
#include <cudaemu.h>
#include <dlpack/dlpack.h>
#include <gtest/gtest.h>

#include "cuda/cuda_model.hpp"
#include "cuda/device_bytes.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/gpus.hpp"
#include "cuda/handles.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::counted;
using test::resident_bytes;

std::vector<std::byte> bytes_of_floats(std::size_t count) {
  const auto numbers = counted<float>(count);
  const auto bytes = std::as_bytes(std::span(numbers));
  return {bytes.begin(), bytes.end()};
}

TEST(caller_memory, is_filled_at_any_address_and_left_alone_around) {
  const test::small_model model;
  for (const std::size_t shift : {0U, 1U, 2U, 4U, 13U}) {
    const auto memory = allocate_on_device(4096);
    WARMSTART_CUDA_CHECK(cudaMemset(memory->bytes().data(), 0x77, 4096));
    WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());
    {
      variable_store vars("cuda:0");
      vars.wrap("table", {64, 8}, dtype::float32, memory->bytes().data() + shift, 2048, "cuda:0");
      init_from_checkpoint(vars, model.path(), {{"table", "table"}});
      run_initializers(vars);
      EXPECT_TRUE(verify(vars).complete());
    }
    std::vector<std::byte> expected(4096, std::byte{0x77});
    std::ranges::copy(bytes_of_floats(512), expected.begin() + static_cast<std::ptrdiff_t>(shift));
    std::vector<std::byte> found(4096);
    WARMSTART_CUDA_CHECK(cudaMemcpy(found.data(), memory->bytes().data(), 4096, cudaMemcpyDefault));
    EXPECT_TRUE(found == expected) << shift;
  }
}

TEST(caller_memory, memory_not_on_its_declared_device_is_refused_before_any_write) {
  int reads_all = 0;
  WARMSTART_CUDA_CHECK(cudaDeviceGetAttribute(&reads_all, cudaDevAttrPageableMemoryAccess, 0));
  const test::small_model model;
  std::vector<float> on_host(24);
  const auto on_device = allocate_on_device(96);
  std::vector<std::string> expected;
  variable_store vars("cuda:0");
  vars.wrap("host", {6, 4}, dtype::float32, on_host.data(), 96, "cuda:0");
  if (reads_all == 0) {
    expected.emplace_back(
        "variable host is declared to be on cuda:0, but its memory is neither on a GPU "
        "nor pinned host memory");
  }
  vars.wrap("right", {6, 4}, dtype::float32, on_device->bytes().data(), 96, "cuda:0");
  if (cuda_device_count() > 1) {
    vars.wrap("other", {6, 4}, dtype::float32, on_device->bytes().data(), 96, "cuda:1");
    expected.emplace_back(
        "variable other is declared to be on cuda:1, but its memory is on cuda:0");
  }
  init_from_checkpoint(vars, model.path(), {{"a/w", "{any}"}});
  std::vector<std::string> found;
  try {
    run_initializers(vars);
  } catch (const error& bad) {
    for (const problem& one : bad.problems()) found.push_back(one.message);
  }
  EXPECT_EQ(found, expected);
  if (!expected.empty()) {
    EXPECT_EQ(on_host, std::vector<float>(24));
  }
}

TEST(caller_memory, dlpack_shares_device_memory_both_ways) {
  const test::small_model model;
  const auto memory = allocate_on_device(2048);
  std::int64_t sizes[] = {64, 8};
  DLManagedTensor foreign{};
  foreign.dl_tensor = {.data = memory->bytes().data(),
                       .device = {.device_type = kDLCUDA, .device_id = 0},
                       .ndim = 2,
                       .dtype = {.code = kDLFloat, .bits = 32, .lanes = 1},
                       .shape = sizes,
                       .strides = nullptr,
                       .byte_offset = 0};
  variable_store vars("cpu:0");
  const variable v = wrap_dlpack(vars, "table", &foreign);
  EXPECT_EQ(v.devices(), std::vector<device>{"cuda:0"});
  init_from_checkpoint(vars, model.path(), {{"table", v}});
  run_initializers(vars);
  EXPECT_EQ(resident_bytes(v), bytes_of_floats(512));

  const device last = test::first_gpus(2).back();
  variable_store own(last);
  const variable w = own.get_variable("w", {6, 4});
  init_from_checkpoint(own, model.path(), {{"a/w", w}});
  run_initializers(own);
  DLManagedTensor* const out = to_dlpack(w);
  EXPECT_EQ(out->dl_tensor.device.device_type, kDLCUDA);
  EXPECT_EQ(out->dl_tensor.device.device_id, last.index());
  EXPECT_EQ(out->dl_tensor.data, w.data());
  out->deleter(out);
}

/// A stream of the caller, with pinned memory for the values that it reads.
class caller_stream_test : public testing::Test {
 protected:
  caller_stream_test() : stream_(make_stream()), seen_(allocate_pinned(SIZE)) {}

  static constexpr std::size_t SIZE = 500UL * 130 * 4;
  test::cuda_model model_;
  cuda_stream stream_;
  std::unique_ptr<staging_memory> seen_;
};

// Without waits the fill would come after the load, or the copy before it.
TEST_F(caller_stream_test, a_load_takes_its_turn) {
  engine kept;
  const auto memory = allocate_on_device(SIZE);
  variable_store reference = model_.make({"cpu:0"});
  run_initializers(reference);
  for (const bool many_chunks : {false, true}) {
    for (const auto scatter :
         {load_options::scatter_source::mirrored, load_options::scatter_source::mapped}) {
      for (const std::int64_t min_run_bytes : {std::int64_t{1}, std::int64_t{1} << 40}) {
        variable_store vars("cuda:0");
        vars.wrap("rows", {500, 130}, dtype::float32, memory->bytes().data(), SIZE, "cuda:0");
        init_from_checkpoint(vars, model_.path(), {{"rows", "rows"}});
        WARMSTART_CUDA_CHECK(cudaMemsetAsync(memory->bytes().data(), 0x55, SIZE, stream_.get()));
        load_options options;
        if (many_chunks) options.chunk_bytes = test::small_chunks().chunk_bytes;
        options.scatter = scatter;
        options.min_run_bytes = min_run_bytes;
        options.streams = {{"cuda:0", stream_.get()}};
        options.engine = &kept;
        run_initializers(vars, options);
        WARMSTART_CUDA_CHECK(cudaMemcpyAsync(seen_->bytes().data(), memory->bytes().data(), SIZE,
                                             cudaMemcpyDeviceToHost, stream_.get()));
        WARMSTART_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
        std::vector<std::byte> wanted;
        for (const variable& part : reference.find("rows")->parts()) {
          const auto bytes = resident_bytes(part);
          wanted.insert(wanted.end(), bytes.begin(), bytes.end());
        }
        EXPECT_TRUE(std::ranges::equal(seen_->bytes(), wanted));
      }
    }
  }
}

// Slots of a stream-ordered load are not refilled before the stream has read them.
TEST_F(caller_stream_test, the_next_load_of_an_engine_leaves_the_slots_of_the_last_alone) {
  engine kept;
  variable_store first = model_.make({"cuda:0"});
  variable_store second = model_.make({"cuda:0"});
  variable_store reference = model_.make({"cpu:0"});
  load_options options;
  options.chunk_bytes = test::small_chunks().chunk_bytes;
  options.engine = &kept;
  options.streams = {{"cuda:0", stream_.get()}};
  run_initializers(first, options);
  run_initializers(second, options);
  run_initializers(reference);
  EXPECT_TRUE(verify(first, &kept).complete());
  EXPECT_TRUE(verify(second, &kept).complete());
  WARMSTART_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  for (const variable& v : reference.variables()) {
    for (const variable& part : v.parts()) {
      EXPECT_EQ(resident_bytes(*first.find(part.name())), resident_bytes(part)) << part.name();
      EXPECT_EQ(resident_bytes(*second.find(part.name())), resident_bytes(part)) << part.name();
    }
  }
}

// Kernels of the last load read mirrors, which the next one, in no order with it, cuts otherwise.
TEST_F(caller_stream_test, the_next_load_may_have_slots_of_another_size) {
  engine kept;
  load_options options;
  options.budget_bytes = 2 << 20;
  options.chunk_bytes = 128 << 10;
  options.min_run_bytes = std::int64_t{1} << 40;
  options.engine = &kept;
  options.streams = {{"cuda:0", stream_.get()}};
  variable_store first = model_.make({"cuda:0"});
  run_initializers(first, options);

  options.streams.clear();
  options.chunk_bytes = 64 << 10;
  variable_store second("cuda:0");
  second.get_variable("columns", {150, 400}, {.partitioner = fixed_size_partitioner(4, 1)});
  init_from_checkpoint(second, model_.path(), {{"columns", "columns"}});
  run_initializers(second, options);
  EXPECT_TRUE(verify(first, &kept).complete());
  EXPECT_TRUE(verify(second, &kept).complete());
}

}  // namespace
}  // namespace warmstart::detail

// warmstart::testing on device memory.

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <thread>

#include "cuda/cuda_check.hpp"
#include "cuda/device_guard.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/gpus.hpp"
#include "cuda/handles.hpp"
#include "support/small_model.hpp"
#include "warmstart/testing/gtest.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::testkit {

using namespace detail;

namespace {

using test::counted;
using test::error_of;

/// On `cuda:0`, where there is one.
class cuda_testing : public device_memory_test {
 protected:
  cuda_testing() : device_memory_test("cuda:0") {}

  static void write(void* device_data, const void* data, std::size_t size_bytes) {
    WARMSTART_CUDA_CHECK(cudaMemcpy(device_data, data, size_bytes, cudaMemcpyDefault));
    WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());  // from pageable memory: may not have arrived
  }
  /// Of the fixture's device, in place of that element.
  static void set(const variable& v, std::size_t element, float value, std::size_t replica = 0) {
    write(static_cast<float*>(v.data(replica)) + element, &value, sizeof(value));
  }

  test::small_model model_;
  checkpoint source_ = checkpoint::open(model_.path());
};

TEST_F(cuda_testing, replicas_and_parts_on_every_device_are_compared) {
  const std::vector<device> where = test::gpus_around_host();
  const variable table = vars().get_variable(
      "table", {64, 8},
      {.partitioner = fixed_size_partitioner(3, 1), .placement = replicated(where)});
  init_from_checkpoint(vars(), model_.path(), {{"table", "table"}});
  run_initializers(vars());
  const tensor_comparison same = matches_tensor(table, source_, "table");
  EXPECT_TRUE(assertion(same));
  EXPECT_EQ(same.elements, 512 * where.size());
  EXPECT_TRUE(assertion(all_written(table)));
  for (const device& one : where) {
    EXPECT_EQ(memory()->usage_on(one).live_bytes, 2048U) << to_string(one);
  }

  set(table.parts()[1], 4, 1.5F, where.size() - 1);  // columns 3 to 5: row 1, column 4
  set(table.parts()[2], 0, 1.5F, where.size() - 1);
  const tensor_comparison found = matches_tensor(table, source_, "table");
  EXPECT_EQ(found.differing, 2);
  EXPECT_EQ(found.first, (element_place{{1, 4}, "table/part_1", where.back()}));
  EXPECT_EQ(found.found, "1.5 (0x3fc00000)");
  EXPECT_EQ(found.expected, "12 (0x41400000)");
}

TEST_F(cuda_testing, memory_of_the_callers_at_any_address) {
  constexpr std::size_t COUNT = 300'000;  // two pieces
  std::vector<float> numbers(COUNT);
  std::iota(numbers.begin(), numbers.end(), 0.0F);
  test::bundle_writer writer;
  writer.tensor("long", dtype::float32, {COUNT}, test::bytes_of(numbers));
  const test::temporary_directory directory;
  writer.write(directory / "model");
  const checkpoint source = checkpoint::open(directory / "model");
  const auto block = allocate_on_device(4 * COUNT + 8);
  for (const std::size_t shift : {0U, 1U, 3U}) {
    std::byte* const data = block->bytes().data() + shift;
    const resident_tensor of = {.data = data,
                                .type = dtype::float32,
                                .shape = {COUNT},
                                .device = "cuda:0",
                                .name = "block"};
    poison(of);
    EXPECT_EQ(all_written(of).unwritten, COUNT);
    write(data, numbers.data(), 4 * (COUNT - 2));
    EXPECT_EQ(all_written(of).first, (element_place{{COUNT - 2}, "block", "cuda:0"}));
    EXPECT_EQ(matches_tensor(of, source, "long").differing, 2);
    write(data, numbers.data(), 4 * COUNT);
    EXPECT_TRUE(assertion(all_written(of)));
    EXPECT_TRUE(assertion(matches_tensor(of, source, "long")));
  }
}

TEST_F(cuda_testing, poison_stays_within_its_memory) {
  constexpr std::size_t SIZE = 1024;
  const auto block = allocate_on_device(SIZE);
  for (const std::size_t begin : {0U, 5U, 512U}) {
    for (const std::size_t size : {1U, 2U, 7U, 300U}) {
      const std::vector<std::byte> before(SIZE, std::byte{0x55});
      write(block->bytes().data(), before.data(), SIZE);
      const auto count = static_cast<std::int64_t>(size);
      poison({.data = &block->bytes()[begin],
              .type = dtype::int8,
              .shape = {count},
              .device = "cuda:0"});
      std::vector<std::byte> after(SIZE);
      write(after.data(), block->bytes().data(), SIZE);
      for (std::size_t i = 0; i < SIZE; ++i) {
        const bool within = i >= begin && i < begin + size;
        const auto pattern = (i - begin) % 2 == 0 ? std::byte{0xf4} : std::byte{0x7f};
        ASSERT_EQ(after[i], within ? pattern : std::byte{0x55}) << begin << ' ' << size << ' ' << i;
      }
    }
  }
}

/// A stream that is busy for a while, and then writes.
class late_writer {
 public:
  explicit late_writer(cudaStream_t stream) : stream_(stream) {}
  void operator()(std::byte* to, const std::byte* pinned, std::size_t size_bytes) const {
    WARMSTART_CUDA_CHECK(cudaLaunchHostFunc(
        stream_, [](void*) { std::this_thread::sleep_for(std::chrono::milliseconds(50)); },
        nullptr));
    WARMSTART_CUDA_CHECK(cudaMemcpyAsync(to, pinned, size_bytes, cudaMemcpyHostToDevice, stream_));
  }

 private:
  cudaStream_t stream_;
};

// Without waits, the old values would be found, or the poison would be written last.
TEST_F(cuda_testing, work_queued_in_the_stream_comes_first) {
  const auto w = counted<float>(24);
  const auto pinned = allocate_pinned(96);
  std::memcpy(pinned->bytes().data(), w.data(), 96);
  const auto block = allocate_on_device(96);
  const cuda_stream own = make_stream();
  for (cudaStream_t const stream : {own.get(), cudaStream_t{nullptr}}) {
    const resident_tensor of = {.data = block->bytes().data(),
                                .type = dtype::float32,
                                .shape = {6, 4},
                                .device = "cuda:0",
                                .stream = stream};
    const late_writer write_late(stream);
    poison(of);
    write_late(block->bytes().data(), pinned->bytes().data(), 96);
    EXPECT_TRUE(assertion(matches_tensor(of, source_, "a/w")));
    poison(of);
    write_late(block->bytes().data(), pinned->bytes().data(), 96);
    EXPECT_TRUE(assertion(all_written(of)));
    write_late(block->bytes().data(), pinned->bytes().data(), 96);
    poison(of);
    EXPECT_EQ(all_written(of).unwritten, 24);
  }
}

TEST_F(cuda_testing, resources_are_stacked_over_device_memory) {
  const auto limited = std::make_shared<limited_memory>(4096, memory(), "cuda:0");
  const auto failing = std::make_shared<failing_memory>(limited);
  const auto run = [&](const char* where) {
    variable_store more{where, failing};
    more.get_variable("a", {512});
    more.get_variable("b", {513});
    run_initializers(more);
  };
  run("cpu:0");
  const error full = error_of([&] {
    run("cuda:0");
    return 0;
  });
  EXPECT_EQ(full.code(), error_code::out_of_memory);
  EXPECT_STREQ(full.what(),
               "variable b on cuda:0: cuda:0: cannot allocate 2052 bytes: the limit is 4096 bytes, "
               "of which 2048 are in use");
  EXPECT_EQ(memory()->usage_on("cuda:0"), (memory_usage{0, 0, 2048, 1}));
  failing->fail_at(2);
  const error failed = error_of([&] {
    run("cpu:0");
    return 0;
  });
  EXPECT_TRUE(std::string(failed.what()).starts_with("variable b on cpu:0: ")) << failed.what();
  EXPECT_EQ(memory()->usage().live_bytes, 0U);
}

TEST_F(cuda_testing, an_absent_device_is_refused) {
  const auto code = [](auto call) { return error_of(call).code(); };
  float value = 0;
  const resident_tensor nowhere = {.data = &value, .type = dtype::float32, .device = "cuda:99"};
  EXPECT_EQ(code([&] { return all_written(nowhere); }), error_code::device);
  EXPECT_EQ(code([&] { return memory()->allocate(4, "cuda:99"); }), error_code::device);
  EXPECT_EQ(memory()->usage(), memory_usage{});
}

}  // namespace
}  // namespace warmstart::testkit

// Many loads in one process leak nothing on the host or on devices.

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include "base/units.hpp"
#include "cuda/cuda_check.hpp"
#include "cuda/handles.hpp"
#include "support/process_state.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

std::int64_t free_device_bytes() {
  std::size_t free = 0;
  std::size_t all = 0;
  WARMSTART_CUDA_CHECK(cudaDeviceSynchronize());
  WARMSTART_CUDA_CHECK(cudaMemGetInfo(&free, &all));
  return static_cast<std::int64_t>(free);
}

void load_and_drop(const test::small_model& model, const load_options& options) {
  variable_store vars("cuda:0");
  const auto emb = vars.get_variable("emb", {10, 3}, {.partitioner = fixed_size_partitioner(3, 1)});
  const auto half = vars.get_variable("half", {64, 8}, {.type = dtype::float16});
  init_from_checkpoint(vars, model.path(), {{"emb", emb}, {"table", half}}, {.cast = true});
  run_initializers(vars, options);
  ASSERT_TRUE(verify(vars, options.engine).complete());
}

TEST(repeated_loads, keep_device_memory_threads_and_descriptors_flat) {
  constexpr int LOADS = 1000;
  const test::small_model model;
  const cuda_stream stream = make_stream();
  engine kept({.reader_threads = 2});
  load_options ordered;
  ordered.streams = {{"cuda:0", stream.get()}};
  ordered.engine = &kept;
  const load_options awaited{.engine = &kept};
  const load_options alone{.reader_threads = 2};
  std::size_t threads = 0;
  std::size_t descriptors = 0;
  std::int64_t device_bytes = 0;
  std::int64_t host_bytes = 0;
  for (int i = 1; i <= LOADS; ++i) {
    load_and_drop(model, i % 50 == 1 ? alone : i % 2 == 1 ? awaited : ordered);
    if (i != LOADS / 10) continue;
    threads = test::thread_count();
    descriptors = test::descriptor_count();
    device_bytes = free_device_bytes();
    host_bytes = test::resident_set_bytes();
  }
  // When staging memory is free for the next load depends on when devices are done.
  EXPECT_LT(device_bytes - free_device_bytes(), mebibyte);
  EXPECT_EQ(test::thread_count(), threads);
  EXPECT_EQ(test::descriptor_count(), descriptors);
  if (!test::freed_memory_is_kept) {
    EXPECT_LT(test::resident_set_bytes(), host_bytes + 2 * mebibyte);
  }
}

}  // namespace
}  // namespace warmstart::detail

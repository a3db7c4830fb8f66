// What a load leaves alone of the program around it: contexts of other devices, graph captures, the
// process's default memory pools, the current device of its threads.

#include <cuda_runtime_api.h>
#include <cudaemu.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "cuda/cuda_check.hpp"
#include "cuda/cuda_model.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/handles.hpp"
#include "warmstart/testing/compare.hpp"
#include "warmstart/testing/poison.hpp"

namespace warmstart::detail {
namespace {

class program_state : public testing::Test {
 protected:
  void SetUp() override {
    if (!cudaemu_present()) GTEST_SKIP() << "the emulator tells what it is asked here";
  }

  /// Everything that a program does with variables on these devices.
  void use_variables(const std::vector<device>& devices) const {
    variable_store vars = model_.make_replicas(devices);
    engine kept;
    run_initializers(vars, {.engine = &kept});
    EXPECT_TRUE(verify(vars).complete());
    (void)read_back(*vars.find("odd"), 0, &kept);
  }
  static void on_a_fresh_thread(const std::function<void()>& work) { std::thread(work).join(); }

  test::cuda_model model_;
};

// A context takes hundreds of MB of a device's memory: eight processes on eight devices would each
// take that of the first one, too.
TEST_F(program_state, only_devices_in_use_get_a_context) {
  if (cuda_device_count() < 3) GTEST_SKIP() << "fewer than three CUDA devices";
  for (const std::vector<device>& used :
       {std::vector<device>{"cuda:2"}, std::vector<device>{"cuda:1", "cuda:2"}}) {
    cudaemu_forget_contexts();
    on_a_fresh_thread([&] { use_variables(used); });
    EXPECT_EQ(cudaemu_context_count(), static_cast<int>(used.size()));
    for (const device& one : used) EXPECT_TRUE(cudaemu_has_context(one.index())) << to_string(one);
  }
}

TEST_F(program_state, the_callers_thread_keeps_its_device) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  on_a_fresh_thread([&] {
    WARMSTART_CUDA_CHECK(cudaSetDevice(0));
    use_variables({"cuda:1"});
    int current = -1;
    WARMSTART_CUDA_CHECK(cudaGetDevice(&current));
    EXPECT_EQ(current, 0);
  });
}

TEST_F(program_state, the_callers_thread_keeps_its_device_when_memory_is_poisoned_and_compared) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  on_a_fresh_thread([&] {
    WARMSTART_CUDA_CHECK(cudaSetDevice(0));
    variable_store vars("cuda:1", std::make_shared<testkit::poisoning_memory>());
    const variable odd = vars.get_variable("odd", {7}, {.type = dtype::uint8});
    init_from_checkpoint(vars, model_.path(), {{"odd", "odd"}});
    run_initializers(vars);
    EXPECT_TRUE(testkit::matches_tensor(odd, checkpoint::open(model_.path()), "odd").passed);
    testkit::poison(odd);
    EXPECT_FALSE(testkit::all_written(odd).passed);
    int current = -1;
    WARMSTART_CUDA_CHECK(cudaGetDevice(&current));
    EXPECT_EQ(current, 0);
  });
}

// In the strictest capture mode, calls of any other thread count.
TEST_F(program_state, a_graph_capture_beside_a_load_stays_valid) {
  const cuda_stream stream = make_stream();
  const auto memory = allocate_on_device(4096);
  WARMSTART_CUDA_CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeGlobal));
  WARMSTART_CUDA_CHECK(cudaMemsetAsync(memory->bytes().data(), 1, 4096, stream.get()));
  on_a_fresh_thread([&] { use_variables({"cuda:0"}); });
  WARMSTART_CUDA_CHECK(cudaMemsetAsync(memory->bytes().data(), 2, 4096, stream.get()));
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream.get(), &graph), cudaSuccess);
  if (graph != nullptr) {
    EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  }
}

TEST_F(program_state, the_default_pools_keep_their_access) {
  if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  const auto before = cudaemu_default_pool_access_changes(0);
  use_variables({"cuda:0", "cuda:1"});
  EXPECT_EQ(cudaemu_default_pool_access_changes(0), before);
}

}  // namespace
}  // namespace warmstart::detail

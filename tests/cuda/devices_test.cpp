// The devices that cuda/devices.cpp lists, and the program's output for them.

#include <cuda_runtime_api.h>
#include <cudaemu.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/backend.hpp"
#include "support/paths.hpp"
#include "support/program.hpp"

namespace warmstart::detail {
namespace {

using nlohmann::json;

class cuda_devices_test : public testing::Test {
 protected:
  void SetUp() override {
    if (cuda_device_count() == 0) GTEST_SKIP() << "no CUDA device";
  }
  void TearDown() override {
    if (cudaemu_present() != 0) cudaemu_clear_faults();
  }
};

TEST_F(cuda_devices_test, lists_all_with_memory_and_peers) {
  const std::vector<device_info> all = cuda_devices();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(cuda_device_count()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].device, device(device_kind::cuda, static_cast<int>(i)));
    EXPECT_NE(all[i].description.find(", compute capability "), std::string::npos);
    EXPECT_GT(all[i].free_bytes, 0U);
    EXPECT_GE(all[i].total_bytes, all[i].free_bytes);
    EXPECT_EQ(all[i].emulated, cudaemu_present() != 0);
  }
  if (cudaemu_present() == 0) return;
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].peers, (std::vector<device>{"cuda:0", "cuda:2"}));
}

TEST_F(cuda_devices_test, leaves_the_current_device_as_it_was) {
  const int last = cuda_device_count() - 1;
  ASSERT_EQ(cudaSetDevice(last), cudaSuccess);
  (void)cuda_devices();
  int current = -1;
  ASSERT_EQ(cudaGetDevice(&current), cudaSuccess);
  EXPECT_EQ(current, last);
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
}

TEST_F(cuda_devices_test, best_is_the_first) {
  EXPECT_EQ(device::best(), device("cuda:0"));
}

TEST_F(cuda_devices_test, no_driver_means_no_device) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "failures come from the emulator";
  for (const cudaError_t failure : {cudaErrorNoDevice, cudaErrorInsufficientDriver}) {
    ASSERT_EQ(cudaemu_fail("cudaGetDeviceCount", 0, failure), 0);
    EXPECT_TRUE(cuda_devices().empty());
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    ASSERT_EQ(cudaemu_fail("cudaGetDeviceCount", 0, failure), 0);
    EXPECT_EQ(device::best(), device::host());
  }
}

TEST_F(cuda_devices_test, a_device_that_does_not_answer_is_left_out) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "failures come from the emulator";
  ASSERT_EQ(cudaemu_fail("cudaGetDeviceProperties", 1, cudaErrorInvalidDevice), 0);
  const std::vector<device_info> all = cuda_devices();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].device, device("cuda:2"));
}

TEST_F(cuda_devices_test, a_device_without_room_for_a_context_has_nothing_free) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "failures come from the emulator";
  ASSERT_EQ(cudaemu_fail("cudaMemGetInfo", 0, cudaErrorMemoryAllocation), 0);
  const std::vector<device_info> all = cuda_devices();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].free_bytes, 0U);
  EXPECT_GT(all[0].total_bytes, 0U);
  EXPECT_GT(all[1].free_bytes, 0U);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST_F(cuda_devices_test, the_program_lists_them_beside_the_host) {
  const auto result = test::run_warmstart({"devices", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json all = json::parse(result.out).at("devices");
  ASSERT_EQ(all.size(), static_cast<std::size_t>(cuda_device_count()) + 1);
  EXPECT_EQ(all[0].at("device"), "cpu:0");
  EXPECT_EQ(all[1].at("device"), "cuda:0");
  EXPECT_EQ(all[1].at("emulated"), cudaemu_present() != 0);
  EXPECT_EQ(all[1].at("peers").size(), cuda_devices()[0].peers.size());
}

TEST(emulated_script, runs_a_program_on_the_emulator_and_says_so) {
  const auto text =
      test::run_program({"/usr/bin/env", "CUDAEMU_DEVICES=2", test::emulated_path(), "--build",
                         test::build_path(), test::program_path(), "devices"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.err.rfind("emulated CUDA devices: 2; schedule: ", 0), 0U) << text.err;
  EXPECT_NE(text.out.find("\ncuda:1 "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("cuda:0  emulated"), std::string::npos) << text.out;
  const auto none =
      test::run_program({"/usr/bin/env", "CUDAEMU_DEVICES=0", test::emulated_path(), "--build",
                         test::build_path(), test::program_path(), "devices"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_EQ(none.out.find("cuda:"), std::string::npos) << none.out;
}

}  // namespace
}  // namespace warmstart::detail

// A lost device: every load that uses it says so, and loads on other devices succeed.

#include <gtest/gtest.h>

#include <string>

#include "cuda/fault_fixture.hpp"

namespace warmstart::detail {
namespace {

class lost_device : public test::cuda_fault_test {
 protected:
  /// Lost at the first time that it takes bytes from a replica on the other one.
  static void lose_one() {
    ASSERT_EQ(cudaemu_fail("cudaMemcpyPeerAsync", 0, cudaErrorIllegalAddress), 0);
  }

  static void expect_lost(variable_store& vars) {
    try {
      run_initializers(vars, {.min_run_bytes = 40});
      ADD_FAILURE() << "a lost device was loaded";
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::device);
      const std::string text = thrown.what();
      EXPECT_NE(text.find("cudaErrorIllegalAddress"), std::string::npos) << text;
      EXPECT_NE(text.find("the device is lost to this process"), std::string::npos) << text;
    }
    expect_initialized(vars, false);
  }

  static device healthy_one() {
    for (const device& one : {device("cuda:0"), device("cuda:1")}) {
      cudaSetDevice(one.index());
      const bool works = cudaDeviceSynchronize() == cudaSuccess;
      cudaSetDevice(0);
      if (works) return one;
    }
    ADD_FAILURE() << "both devices are lost";
    return device::host();
  }
};

TEST_F(lost_device, is_named_by_every_load_until_it_returns) {
  variable_store vars = make();
  lose_one();
  for (int again = 0; again < 3; ++again) expect_lost(vars);
  cudaemu_clear_faults();
  run_initializers(vars);
  expect_loaded(vars);
}

TEST_F(lost_device, leaves_other_devices_usable) {
  variable_store vars = make();
  lose_one();
  expect_lost(vars);
  const device healthy = healthy_one();
  variable_store others("cpu:0");
  others.get_variable("w", {6, 4}, {.placement = replicated({healthy, "cpu:0"})});
  others.get_variable("filled", {100}, {.placement = round_robin({healthy})});
  init_from_checkpoint(others, model_.path(), {{"a/w", "w"}});
  run_initializers(others);
  expect_loaded(others);
}

}  // namespace
}  // namespace warmstart::detail

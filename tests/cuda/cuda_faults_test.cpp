// Every call of the runtime fails once: the load says so, leaves nothing behind, and the next one
// succeeds.

#include <cudaemu.h>
#include <gtest/gtest.h>

#include "cuda/device_bytes.hpp"
#include "support/small_model.hpp"

namespace warmstart {
namespace {

struct fault {
  const char* call;
  cudaError_t result;
  bool device_is_lost = false;  ///< until the emulator heals it
};

void PrintTo(const fault& of, std::ostream* out) {
  *out << of.call << " " << cudaGetErrorName(of.result);
}

class cuda_fault_test : public testing::Test {
 protected:
  void SetUp() override {
    if (!cudaemu_present()) GTEST_SKIP() << "the emulator injects the faults";
  }
  void TearDown() override {
    if (cudaemu_present()) cudaemu_clear_faults();
  }

  static std::uint64_t injected() {
    cudaemu_stats_t stats{};
    stats.struct_size = sizeof(stats);
    cudaemu_stats(&stats);
    return stats.injected_failures;
  }

  /// Runs, scattered columns, a cast, replicas that pass bytes on, and fills, on two devices.
  variable_store make() const {
    variable_store vars("cuda:0");
    vars.get_variable("w", {6, 4}, {.placement = round_robin({"cuda:1"})});
    vars.get_variable("b", {5}, {.type = dtype::float16});
    vars.get_variable("table", {64, 8},
                      {.partitioner = fixed_size_partitioner(2, 1),
                       .placement = round_robin({"cuda:0", "cuda:1"})});
    vars.get_variable("emb", {10, 3}, {.placement = replicated({"cuda:0", "cuda:1"})});
    vars.get_variable(
        "filled", {100},
        {.initializer = uniform(0, 1, 3), .placement = replicated({"cuda:0", "cuda:1"})});
    init_from_checkpoint(vars, model_.path(),
                         {{"a/w", "w"}, {"a/b", "b"}, {"table", "table"}, {"emb", "emb"}},
                         {.cast = true});
    return vars;
  }

  static void expect_loaded(const variable_store& vars) {
    for (const variable& v : vars.variables()) {
      for (const variable& part : v.parts()) {
        for (std::size_t i = 0; i < part.devices().size(); ++i) {
          EXPECT_TRUE(part.is_initialized(i)) << part.name() << ' ' << i;
        }
      }
    }
    const auto bytes = test::resident_bytes(*vars.find("w"));
    EXPECT_EQ(std::memcmp(bytes.data(), test::counted<float>(24).data(), bytes.size()), 0);
    EXPECT_TRUE(verify(vars).complete());
  }

  test::small_model model_;
};

class cuda_faults : public cuda_fault_test, public testing::WithParamInterface<fault> {};

TEST_P(cuda_faults, every_call_fails_once) {
  const fault of = GetParam();
  int failures = 0;
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 1000);
    bool succeeded = false;
    {
      variable_store vars = make();
      const std::uint64_t before = injected();
      ASSERT_EQ(cudaemu_fail(of.call, n, of.result), 0);
      try {
        run_initializers(vars, {.min_run_bytes = 40});
        succeeded = injected() == before;
        // A call whose failure changes nothing (a clean-up) may be the one that failed.
        failures += succeeded ? 0 : 1;
      } catch (const error& thrown) {
        ++failures;
        EXPECT_GT(injected(), before) << "failed by itself: " << thrown.what();
        EXPECT_TRUE(thrown.code() == error_code::device ||
                    thrown.code() == error_code::out_of_memory)
            << thrown.what();
        // Thrust has its own words for what fails within it.
        const std::string text = thrown.what();
        EXPECT_TRUE(text.find(cudaGetErrorName(of.result)) != std::string::npos ||
                    text.find("thrust::") != std::string::npos)
            << text;
        EXPECT_NE(text.find("cuda:"), std::string::npos) << text;
        for (const variable& v : vars.variables()) {
          for (const variable& part : v.parts()) {
            for (std::size_t i = 0; i < part.devices().size(); ++i) {
              EXPECT_FALSE(part.is_initialized(i)) << part.name() << ' ' << i;
            }
          }
        }
      }
      cudaemu_clear_faults();
      run_initializers(vars);
      expect_loaded(vars);
    }
    if (!of.device_is_lost) {
      EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), 0U) << of.call << " " << n;
    }
    if (succeeded) break;
  }
  EXPECT_GT(failures, 0) << "the load never calls " << of.call;
}

INSTANTIATE_TEST_SUITE_P(
    runtime, cuda_faults,
    testing::Values(fault{"cudaStreamCreateWithFlags", cudaErrorMemoryAllocation},
                    fault{"cudaStreamCreateWithFlags", cudaErrorDevicesUnavailable},
                    fault{"cudaEventCreateWithFlags", cudaErrorMemoryAllocation},
                    fault{"cudaHostAlloc", cudaErrorMemoryAllocation},
                    fault{"cudaHostAlloc", cudaErrorNotSupported},
                    fault{"cudaMalloc", cudaErrorMemoryAllocation},
                    fault{"cudaMallocAsync", cudaErrorMemoryAllocation},
                    fault{"cudaMallocAsync", cudaErrorInvalidValue},
                    fault{"cudaSetDevice", cudaErrorDevicesUnavailable},
                    fault{"cudaSetDevice", cudaErrorInvalidDevice},
                    fault{"cudaGetDevice", cudaErrorInitializationError},
                    fault{"cudaDeviceGetAttribute", cudaErrorInvalidValue},
                    fault{"cudaMemcpyAsync", cudaErrorInvalidValue},
                    fault{"cudaMemcpyAsync", cudaErrorIllegalAddress, true},
                    fault{"cudaMemcpyAsync", cudaErrorECCUncorrectable, true},
                    fault{"cudaMemcpyPeerAsync", cudaErrorInvalidValue},
                    fault{"cudaMemcpyPeerAsync", cudaErrorIllegalAddress, true},
                    fault{"cudaMemcpyPeerAsync", cudaErrorNvlinkUncorrectable, true},
                    fault{"cudaDeviceCanAccessPeer", cudaErrorInvalidDevice},
                    fault{"cudaDeviceEnablePeerAccess", cudaErrorTooManyPeers},
                    fault{"cudaDeviceEnablePeerAccess", cudaErrorPeerAccessUnsupported},
                    fault{"cudaDeviceGetDefaultMemPool", cudaErrorInvalidValue},
                    fault{"cudaMemPoolSetAccess", cudaErrorInvalidDevice},
                    fault{"cudaEventRecord", cudaErrorInvalidResourceHandle},
                    fault{"cudaEventRecord", cudaErrorLaunchFailure, true},
                    fault{"cudaEventQuery", cudaErrorLaunchFailure, true},
                    fault{"cudaEventQuery", cudaErrorECCUncorrectable, true},
                    fault{"cudaEventSynchronize", cudaErrorLaunchFailure, true},
                    fault{"cudaStreamWaitEvent", cudaErrorInvalidResourceHandle},
                    fault{"cudaStreamSynchronize", cudaErrorLaunchFailure, true},
                    fault{"cudaStreamSynchronize", cudaErrorIllegalAddress, true},
                    fault{"cudaLaunchKernel", cudaErrorLaunchOutOfResources},
                    fault{"cudaLaunchKernel", cudaErrorLaunchFailure, true}));

// A device that is lost for good, here while it takes bytes from another: every load says so.
TEST_F(cuda_fault_test, lost_for_good) {
  variable_store vars = make();
  ASSERT_EQ(cudaemu_fail("cudaMemcpyPeerAsync", 0, cudaErrorIllegalAddress), 0);
  for (int again = 0; again < 3; ++again) {
    try {
      run_initializers(vars, {.min_run_bytes = 40});
      ADD_FAILURE() << "a lost device was loaded";
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::device);
      const std::string text = thrown.what();
      EXPECT_NE(text.find("cudaErrorIllegalAddress"), std::string::npos) << text;
    }
    EXPECT_FALSE(vars.find("emb")->is_initialized(0));
    EXPECT_FALSE(vars.find("emb")->is_initialized(1));
  }
  cudaemu_clear_faults();
  run_initializers(vars);
  expect_loaded(vars);
}

}  // namespace
}  // namespace warmstart

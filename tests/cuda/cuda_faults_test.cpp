// Every call of the runtime fails once: the load says so, leaves nothing behind, and the next one
// succeeds.

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "cuda/fault_fixture.hpp"

namespace warmstart::detail {
namespace {

using test::cuda_fault_test;

struct fault {
  const char* call;
  cudaError_t result;
  bool device_is_lost = false;  ///< until the emulator heals it
};

void PrintTo(const fault& of, std::ostream* out) {
  *out << of.call << " " << cudaGetErrorName(of.result);
}

constexpr std::array FAULTS = {fault{"cudaGetDeviceCount", cudaErrorInitializationError},
                               fault{"cudaGetDeviceCount", cudaErrorInsufficientDriver},
                               fault{"cudaStreamCreateWithFlags", cudaErrorMemoryAllocation},
                               fault{"cudaStreamCreateWithFlags", cudaErrorDevicesUnavailable},
                               fault{"cudaEventCreateWithFlags", cudaErrorMemoryAllocation},
                               fault{"cudaHostAlloc", cudaErrorMemoryAllocation},
                               fault{"cudaHostAlloc", cudaErrorNotSupported},
                               fault{"cudaMemPoolCreate", cudaErrorMemoryAllocation},
                               fault{"cudaMallocFromPoolAsync", cudaErrorMemoryAllocation},
                               fault{"cudaMallocFromPoolAsync", cudaErrorInvalidValue},
                               fault{"cudaSetDevice", cudaErrorDevicesUnavailable},
                               fault{"cudaSetDevice", cudaErrorInvalidDevice},
                               fault{"cudaGetDevice", cudaErrorInitializationError},
                               fault{"cudaDeviceGetAttribute", cudaErrorInvalidValue},
                               fault{"cudaMemcpyAsync", cudaErrorInvalidValue},
                               fault{"cudaMemcpyAsync", cudaErrorIllegalAddress, true},
                               fault{"cudaMemcpyAsync", cudaErrorECCUncorrectable, true},
                               fault{"cudaMemsetAsync", cudaErrorInvalidValue},
                               fault{"cudaMemcpyPeerAsync", cudaErrorInvalidValue},
                               fault{"cudaMemcpyPeerAsync", cudaErrorIllegalAddress, true},
                               fault{"cudaMemcpyPeerAsync", cudaErrorNvlinkUncorrectable},
                               fault{"cudaDeviceCanAccessPeer", cudaErrorInvalidDevice},
                               fault{"cudaDeviceEnablePeerAccess", cudaErrorPeerAccessUnsupported},
                               fault{"cudaMemPoolSetAccess", cudaErrorInvalidDevice},
                               fault{"cudaEventRecord", cudaErrorInvalidResourceHandle},
                               fault{"cudaEventRecord", cudaErrorLaunchFailure, true},
                               fault{"cudaEventQuery", cudaErrorLaunchFailure, true},
                               fault{"cudaEventQuery", cudaErrorECCUncorrectable, true},
                               fault{"cudaEventSynchronize", cudaErrorLaunchFailure, true},
                               fault{"cudaEventElapsedTime", cudaErrorInvalidResourceHandle},
                               fault{"cudaStreamWaitEvent", cudaErrorInvalidResourceHandle},
                               fault{"cudaStreamSynchronize", cudaErrorLaunchFailure, true},
                               fault{"cudaStreamSynchronize", cudaErrorIllegalAddress, true},
                               fault{"cudaLaunchKernel", cudaErrorLaunchOutOfResources},
                               fault{"cudaLaunchKernel", cudaErrorLaunchFailure, true}};

// Clean-up calls, whose failure is not reported.
constexpr std::array CLEAN_UPS = {"cudaEventDestroy", "cudaStreamDestroy", "cudaFreeAsync",
                                  "cudaFreeHost", "cudaMemPoolDestroy"};

class cuda_faults : public cuda_fault_test, public testing::WithParamInterface<fault> {
 protected:
  void run(variable_store& vars) {
    load_trace trace;
    const bool traced = GetParam().call == std::string_view("cudaEventElapsedTime");
    run_initializers(vars, {.min_run_bytes = 40, .trace = traced ? &trace : nullptr});
  }

  static void expect_clear(const error& thrown) {
    EXPECT_TRUE(thrown.code() == error_code::device || thrown.code() == error_code::out_of_memory);
    const std::string text = thrown.what();
    const auto says = [&](const std::string& part) { return text.find(part) != std::string::npos; };
    EXPECT_TRUE(says("cuda:")) << text;
    EXPECT_TRUE(says(GetParam().call) ||
                (GetParam().call == std::string_view("cudaLaunchKernel") && says("launch of ")))
        << text;
    EXPECT_TRUE(says(cudaGetErrorName(GetParam().result))) << text;
    for (int i = 0; GetParam().device_is_lost && i < 2; ++i) {
      cudaSetDevice(i);
      if (cudaDeviceSynchronize() != cudaSuccess) {
        EXPECT_TRUE(says("cuda:" + std::to_string(i))) << text;
        EXPECT_TRUE(says("the device is lost")) << text;
      }
    }
    cudaSetDevice(0);
  }
};

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
        run(vars);
        succeeded = injected() == before;
        // A call whose failure changes nothing (a clean-up) may be the one that failed.
        failures += succeeded ? 0 : 1;
      } catch (const error& thrown) {
        ++failures;
        EXPECT_GT(injected(), before) << "failed by itself: " << thrown.what();
        expect_clear(thrown);
        expect_initialized(vars, false);
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

INSTANTIATE_TEST_SUITE_P(runtime, cuda_faults, testing::ValuesIn(FAULTS));

// Machines without NVSwitch allow eight peers. Further copies go through the host.
TEST_F(cuda_fault_test, too_many_peers_are_no_error) {
  ASSERT_EQ(cudaemu_fail("cudaDeviceEnablePeerAccess", 0, cudaErrorTooManyPeers), 0);
  variable_store vars = make();
  run_initializers(vars, {.min_run_bytes = 40});
  expect_loaded(vars);
  EXPECT_GT(injected(), 0U);
}

class cuda_clean_ups : public cuda_fault_test, public testing::WithParamInterface<const char*> {
 protected:
  /// Resources that leaked because a test made their release fail.
  static void give_back_leaks() {
    cudaemu_leak_report(
        [](void*, const char* kind, void* object, std::size_t, int on) {
          cudaSetDevice(on);
          if (kind == std::string_view("event")) cudaEventDestroy(static_cast<cudaEvent_t>(object));
          if (kind == std::string_view("stream")) {
            cudaStreamDestroy(static_cast<cudaStream_t>(object));
          }
          if (kind == std::string_view("device")) cudaFree(object);
          if (kind == std::string_view("pinned")) cudaFreeHost(object);
          if (kind == std::string_view("memory pool")) {
            cudaMemPoolDestroy(static_cast<cudaMemPool_t>(object));
          }
        },
        nullptr);
    cudaSetDevice(0);
  }
};

// A later launch checks the last error and must not mistake it for its own.
TEST_P(cuda_clean_ups, failures_in_clean_up_do_not_fail_a_load) {
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 1000);
    const std::uint64_t before = injected();
    ASSERT_EQ(cudaemu_fail(GetParam(), n, cudaErrorInvalidValue), 0);
    {
      engine kept;
      variable_store vars = make();
      load_options options{.min_run_bytes = 40, .engine = &kept};
      options.streams = {stream_ref::legacy("cuda:1")};
      run_initializers(vars, options);
      init_from_checkpoint(vars, model_.path(), {{"a/w", "w"}, {"table", "table"}});
      options.streams.clear();
      run_initializers(vars, options);
      expect_loaded(vars);
    }
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    if (injected() == before) {
      EXPECT_GT(n, 0) << "the load never calls " << GetParam();
      break;
    }
    cudaemu_clear_faults();
    give_back_leaks();
    EXPECT_EQ(cudaemu_leak_report(nullptr, nullptr), 0U) << n;
  }
}

INSTANTIATE_TEST_SUITE_P(runtime, cuda_clean_ups, testing::ValuesIn(CLEAN_UPS));

TEST_F(cuda_fault_test, every_call_of_a_load_is_tested) {
  std::set<std::string> known(CLEAN_UPS.begin(), CLEAN_UPS.end());
  for (const fault& of : FAULTS) known.insert(of.call);
  known.insert("cudaFuncGetAttributes");  // Thrust's, once for each device of a process
  known.insert("cudaThreadExchangeStreamCaptureMode");  // once for each thread; may fail
  const auto calls = [&] {
    std::uint64_t sum = 0;
    for (const std::string& name : known) sum += cudaemu_call_count(name.c_str());
    return sum;
  };
  const std::uint64_t all_before = stats().api_calls;
  const std::uint64_t known_before = calls();
  {
    variable_store vars = make();
    load_trace trace;
    run_initializers(vars, {.min_run_bytes = 40, .trace = &trace});
  }
  EXPECT_EQ(calls() - known_before, stats().api_calls - all_before);
}

}  // namespace
}  // namespace warmstart::detail

#pragma once

#include <cuda_runtime_api.h>
#include <cudaemu.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "cuda/cuda_check.hpp"

namespace warmstart::detail::test {

/// Whether a stream goes its way while the test's thread does something else. In the emulator's
/// other schedules its work is done by the test's thread, so a stream cannot wait for that thread.
inline bool streams_run_by_themselves() {
  const char* const schedule = std::getenv("CUDAEMU_SCHEDULE");
  return !cudaemu_present() || schedule == nullptr || std::string_view(schedule) == "async";
}

/// Blocks a stream until it is released.
class blocked_stream {
 public:
  explicit blocked_stream(cudaStream_t stream) : stream_(stream) {
    WARMSTART_CUDA_CHECK(cudaLaunchHostFunc(stream, &wait, &open_));
  }
  blocked_stream(const blocked_stream&) = delete;
  blocked_stream& operator=(const blocked_stream&) = delete;
  ~blocked_stream() {
    let_go();
    cuda_ignore(cudaStreamSynchronize(stream_));
  }
  void let_go() { open_ = true; }

 private:
  static void wait(void* open) {
    while (!*static_cast<std::atomic<bool>*>(open)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  cudaStream_t stream_;
  std::atomic<bool> open_ = false;
};

}  // namespace warmstart::detail::test

#include "cuda/stream_timer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace warmstart::detail {
namespace {

using host_clock = std::chrono::steady_clock;

void work(void* done_at) {
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  *static_cast<host_clock::time_point*>(done_at) = host_clock::now();
}

// Otherwise device times would be reported 50 ms too early.
TEST(stream_timer, synchronizes_clocks_when_the_stream_gets_there) {
  const cuda_stream stream = make_stream();
  host_clock::time_point done_at;
  WARMSTART_CUDA_CHECK(cudaLaunchHostFunc(stream.get(), &work, &done_at));
  stream_timer timer(stream.get());
  timer.end(timer.begin(stream.get(), {}), stream.get(), 0);
  const auto timed = timer.take();
  ASSERT_EQ(timed.size(), 1U);
  const auto tolerance =
      timer.uncertainty() + std::chrono::milliseconds(1);  // floats of milliseconds
  EXPECT_GE(timed[0].begin, done_at - tolerance);
  EXPECT_LE(timed[0].end, host_clock::now() + tolerance);
}

}  // namespace
}  // namespace warmstart::detail

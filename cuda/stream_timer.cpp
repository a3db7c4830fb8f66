#include "cuda/stream_timer.hpp"

#include <utility>

#include "cuda/cuda_check.hpp"

namespace warmstart::detail {
namespace {

// Measure several times, because the thread may be preempted between the event and reading the
// clock.
constexpr int MEETINGS = 5;

}  // namespace

stream_timer::stream_timer(cudaStream_t stream) {
  for (int i = 0; i < MEETINGS; ++i) {
    cuda_event event = make_event(cudaEventDefault);
    const clock::time_point before = clock::now();
    WARMSTART_CUDA_CHECK(cudaEventRecord(event.get(), stream));
    WARMSTART_CUDA_CHECK(cudaEventSynchronize(event.get()));
    const clock::duration uncertainty = (clock::now() - before) / 2;
    if (uncertainty >= uncertainty_) continue;
    met_ = std::move(event);
    met_at_ = before + uncertainty;
    uncertainty_ = uncertainty;
  }
}

std::size_t stream_timer::begin(cudaStream_t stream, timed_command what) {
  spans_.push_back({.command = std::move(what), .begin = make_event(cudaEventDefault), .end = {}});
  WARMSTART_CUDA_CHECK(cudaEventRecord(spans_.back().begin.get(), stream));
  return spans_.size() - 1;
}

void stream_timer::end(std::size_t span, cudaStream_t stream, std::size_t size_bytes) {
  spans_[span].command.size_bytes = size_bytes;
  spans_[span].end = make_event(cudaEventDefault);
  WARMSTART_CUDA_CHECK(cudaEventRecord(spans_[span].end.get(), stream));
}

std::vector<timed_command> stream_timer::take() {
  std::vector<timed_command> made;
  for (timed_span& one : spans_) {
    WARMSTART_CUDA_CHECK(cudaEventSynchronize(one.end.get()));
    one.command.begin = time_of(one.begin);
    one.command.end = time_of(one.end);
    made.push_back(std::move(one.command));
  }
  spans_.clear();
  return made;
}

stream_timer::clock::time_point stream_timer::time_of(const cuda_event& event) const {
  float milliseconds = 0;
  WARMSTART_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, met_.get(), event.get()));
  return met_at_ + std::chrono::duration_cast<clock::duration>(
                       std::chrono::duration<double, std::milli>(milliseconds));
}

}  // namespace warmstart::detail

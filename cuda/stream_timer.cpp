#include "cuda/stream_timer.hpp"

#include <utility>

#include "cuda/cuda_check.hpp"

namespace warmstart {

stream_timer::stream_timer(cudaStream_t stream) : met_(make_event(cudaEventDefault)) {
  WARMSTART_CUDA_CHECK(cudaEventRecord(met_.get(), stream));
  WARMSTART_CUDA_CHECK(cudaEventSynchronize(met_.get()));
  met_at_ = clock::now();
}

std::size_t stream_timer::begin(cudaStream_t stream, timed_command what) {
  spans_.push_back({.what = std::move(what), .begin = make_event(cudaEventDefault), .end = {}});
  WARMSTART_CUDA_CHECK(cudaEventRecord(spans_.back().begin.get(), stream));
  return spans_.size() - 1;
}

void stream_timer::end(std::size_t span, cudaStream_t stream, std::size_t size_bytes) {
  spans_[span].what.size_bytes = size_bytes;
  spans_[span].end = make_event(cudaEventDefault);
  WARMSTART_CUDA_CHECK(cudaEventRecord(spans_[span].end.get(), stream));
}

std::vector<timed_command> stream_timer::take() {
  std::vector<timed_command> made;
  for (timed_span& one : spans_) {
    WARMSTART_CUDA_CHECK(cudaEventSynchronize(one.end.get()));
    one.what.begin = time_of(one.begin);
    one.what.end = time_of(one.end);
    made.push_back(std::move(one.what));
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

}  // namespace warmstart

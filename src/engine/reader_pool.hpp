#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace warmstart::detail {

/// A pool of threads that all run the same work. Threads are created on demand and kept between
/// loads.
class reader_pool {
 public:
  reader_pool() = default;
  reader_pool(const reader_pool&) = delete;
  reader_pool& operator=(const reader_pool&) = delete;
  ~reader_pool();

  /// Starts `work`, which must not throw, once on each of `threads` threads, and returns at once.
  /// Call `wait` before the next `start`. Throws `out_of_memory` if the system starts fewer
  /// threads.
  void start(std::size_t threads, std::function<void()> work);
  /// Blocks until `work` has returned on every thread.
  void wait();

 private:
  void loop(std::size_t number);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;
  std::size_t round_ = 0;    ///< number of calls of `start`
  std::size_t working_ = 0;  ///< the first `working_` threads take part in this round
  std::size_t running_ = 0;  ///< number of these threads that have not finished
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace warmstart::detail

#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace warmstart::detail {

/// Threads that all run the same work, over and over, kept between loads. Made when first needed.
class reader_pool {
 public:
  reader_pool() = default;
  reader_pool(const reader_pool&) = delete;
  reader_pool& operator=(const reader_pool&) = delete;
  ~reader_pool();

  /// Runs `work`, which must not throw, once on each of so many threads, and returns at once. To be
  /// followed by `wait` before the next. Throws `out_of_memory` if the system starts fewer.
  void start(std::size_t threads, std::function<void()> work);
  /// Until every thread has returned from its work.
  void wait();

 private:
  void loop(std::size_t number);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;
  std::size_t round_ = 0;    ///< counts `start`
  std::size_t working_ = 0;  ///< threads that take part in this round: the first ones
  std::size_t running_ = 0;  ///< of them, those that have not finished it
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace warmstart::detail

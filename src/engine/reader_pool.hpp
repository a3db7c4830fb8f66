#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace warmstart {

/// Threads that all run the same work, over and over, kept between loads.
class reader_pool {
 public:
  explicit reader_pool(std::size_t threads);
  reader_pool(const reader_pool&) = delete;
  reader_pool& operator=(const reader_pool&) = delete;
  ~reader_pool();

  [[nodiscard]] std::size_t size() const noexcept { return threads_.size(); }
  /// Runs `work`, which must not throw, once on every thread, and returns at once. To be followed
  /// by `wait` before the next.
  void start(std::function<void()> work);
  /// Until every thread has returned from its work.
  void wait();

 private:
  void close() noexcept;
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;
  std::size_t round_ = 0;    ///< counts `start`
  std::size_t running_ = 0;  ///< threads that have not finished this round
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace warmstart

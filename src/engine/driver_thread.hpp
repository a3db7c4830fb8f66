#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace warmstart::detail {

/// The thread on which an engine calls devices. Callers run work on it and wait.
class driver_thread {
 public:
  driver_thread();
  driver_thread(const driver_thread&) = delete;
  driver_thread& operator=(const driver_thread&) = delete;
  ~driver_thread();

  /// Runs `work` on the thread, waits for it and rethrows its exception. Concurrent callers take
  /// turns in no particular order. `work` may call `run`, which then runs in place.
  void run(const std::function<void()>& work);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;  ///< work of the current caller
  bool busy_ = false;                            ///< a caller's work is running
  bool done_ = false;
  std::exception_ptr failure_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace warmstart::detail

#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace warmstart {

/// The one thread that makes an engine's device calls. Callers lend it work and wait for it.
class driver_thread {
 public:
  driver_thread();
  driver_thread(const driver_thread&) = delete;
  driver_thread& operator=(const driver_thread&) = delete;
  ~driver_thread();

  /// Runs `work` on the thread, after the work of earlier callers, and returns when it has; throws
  /// what it throws. Work may call `run` itself: it already is on the thread.
  void run(const std::function<void()>& work);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;  ///< the current caller's
  bool busy_ = false;                            ///< a caller has its turn
  bool done_ = false;
  std::exception_ptr failure_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace warmstart

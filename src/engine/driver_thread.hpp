#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace warmstart::detail {

/// The one thread that makes an engine's device calls. Callers lend it work and wait for it.
class driver_thread {
 public:
  driver_thread();
  driver_thread(const driver_thread&) = delete;
  driver_thread& operator=(const driver_thread&) = delete;
  ~driver_thread();

  /// Runs `work` on the thread and returns when it is done; throws what it throws. Callers take
  /// turns, in no particular order. Work may call `run` itself: it is on the thread already.
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

}  // namespace warmstart::detail

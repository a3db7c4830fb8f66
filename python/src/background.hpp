#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "warmstart/progress.hpp"

namespace warmstart::python {

/// Runs work on a separate thread. The work does not need the interpreter's lock; the thread that
/// waits for it does.
template <class Result>
class background {
 public:
  using report_progress = std::function<void(const load_progress&)>;
  using work = std::function<Result(std::stop_token, report_progress)>;

  explicit background(work todo) : thread_([this, todo = std::move(todo)] { run(todo); }) {}
  background(const background&) = delete;
  background& operator=(const background&) = delete;
  ~background() {
    cancel();
    if (!thread_.joinable()) return;
    const nanobind::gil_scoped_release released;  // the work may call Python
    thread_.join();
  }

  void cancel() noexcept { stop_.request_stop(); }
  [[nodiscard]] bool done() const {
    const std::lock_guard lock(mutex_);
    return done_;
  }
  [[nodiscard]] load_progress progress() const {
    const std::lock_guard lock(mutex_);
    return progress_;
  }
  /// Whether it is done.
  template <class Duration>
  [[nodiscard]] bool wait_for(Duration time) const {
    std::unique_lock lock(mutex_);
    return finished_.wait_for(lock, time, [&] { return done_; });
  }
  /// Once, when it is done.
  [[nodiscard]] Result take() {
    thread_.join();
    if (failure_) std::rethrow_exception(failure_);
    return std::move(*result_);
  }

 private:
  void run(const work& todo) {
    std::optional<Result> result;
    std::exception_ptr failure;
    try {
      result.emplace(todo(stop_.get_token(), [this](const load_progress& now) {
        const std::lock_guard lock(mutex_);
        progress_ = now;
      }));
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    failure_ = failure;
    done_ = true;
    finished_.notify_all();
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable finished_;
  bool done_ = false;
  load_progress progress_;
  std::optional<Result> result_;
  std::exception_ptr failure_;
  std::stop_source stop_;
  std::thread thread_;  // last: it uses all of the above
};

/// Waits for work on the interpreter's thread, and lets it react: Ctrl-C cancels the work, and so
/// does a callback that throws. `progress` may be None.
template <class Result>
Result wait_reacting(background<Result>& running, nanobind::handle progress) {
  namespace nb = nanobind;
  using std::chrono::milliseconds;
  auto tell = [&, told = std::int64_t{-1}]() mutable {
    const load_progress now = running.progress();
    if (progress.is_none() || now.bytes_done == told || now.bytes_total == 0) return;
    told = now.bytes_done;
    progress(now.bytes_done, now.bytes_total);
  };
  const auto is_done = [&] {
    const nb::gil_scoped_release released;
    return running.wait_for(milliseconds(50));
  };
  try {
    while (!is_done()) {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      tell();
    }
    tell();
  } catch (nb::python_error&) {
    running.cancel();
    const nb::gil_scoped_release released;
    try {
      (void)running.take();
    } catch (...) {  // the exception that stopped the work is raised instead
    }
    throw;
  }
  const nb::gil_scoped_release released;
  return running.take();
}

template <class Result>
Result run_reacting(typename background<Result>::work todo, nanobind::handle progress) {
  background<Result> running(std::move(todo));
  return wait_reacting(running, progress);
}

}  // namespace warmstart::python

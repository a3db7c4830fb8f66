#include "engine/driver_thread.hpp"

#include <exception>
#include <utility>

namespace warmstart::detail {

driver_thread::driver_thread() : thread_([this] { loop(); }) {}

driver_thread::~driver_thread() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void driver_thread::run(const std::function<void()>& work) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    work();
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !busy_; });
  busy_ = true;
  done_ = false;
  work_ = &work;
  changed_.notify_all();
  changed_.wait(lock, [this] { return done_; });
  busy_ = false;
  changed_.notify_all();
  if (const std::exception_ptr failure = std::exchange(failure_, nullptr)) {
    std::rethrow_exception(failure);
  }
}

void driver_thread::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || work_ != nullptr; });
    if (closing_) return;
    const std::function<void()>& work = *std::exchange(work_, nullptr);
    lock.unlock();
    std::exception_ptr failure;
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    failure_ = std::move(failure);
    done_ = true;
    changed_.notify_all();
  }
}

}  // namespace warmstart::detail

#include "engine/reader_pool.hpp"

#include <utility>

namespace warmstart {

reader_pool::reader_pool(std::size_t threads) {
  threads_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { loop(); });
  } catch (...) {
    close();
    throw;
  }
}

reader_pool::~reader_pool() {
  close();
}

void reader_pool::close() noexcept {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void reader_pool::start(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = std::move(work);
    running_ = threads_.size();
    ++round_;
  }
  changed_.notify_all();
}

void reader_pool::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return running_ == 0; });
  work_ = nullptr;
}

void reader_pool::loop() {
  std::unique_lock lock(mutex_);
  for (std::size_t seen = 0;;) {
    changed_.wait(lock, [&] { return closing_ || round_ != seen; });
    if (closing_) return;
    seen = round_;
    lock.unlock();
    work_();  // not changed until `wait` has seen this round end
    lock.lock();
    if (--running_ == 0) changed_.notify_all();
  }
}

}  // namespace warmstart

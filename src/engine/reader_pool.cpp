#include "engine/reader_pool.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "warmstart/error.hpp"

namespace warmstart::detail {

reader_pool::~reader_pool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void reader_pool::start(std::size_t threads, std::function<void()> work) {
  while (threads_.size() < threads) {
    try {
      threads_.emplace_back([this, number = threads_.size()] { loop(number); });
    } catch (const std::system_error& refused) {
      throw error(error_code::out_of_memory,
                  fmt::format("the system started {} of {} reader threads: {}; ask for fewer "
                              "(reader_threads), or allow the process more threads or memory",
                              threads_.size(), threads, refused.code().message()));
    }
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = std::move(work);
    working_ = threads;
    running_ = threads;
    ++round_;
  }
  changed_.notify_all();
}

void reader_pool::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return running_ == 0; });
  work_ = nullptr;
}

void reader_pool::loop(std::size_t number) {
  std::unique_lock lock(mutex_);
  for (std::size_t seen = 0;;) {
    changed_.wait(lock, [&] { return closing_ || (round_ != seen && number < working_); });
    if (closing_) return;
    seen = round_;
    lock.unlock();
    work_();  // not replaced before `wait` has seen the end of this round
    lock.lock();
    if (--running_ == 0) changed_.notify_all();
  }
}

}  // namespace warmstart::detail

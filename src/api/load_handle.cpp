#include <atomic>
#include <exception>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/boundary.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"
#include "warmstart/run.hpp"

namespace warmstart {

using namespace detail;

struct load_handle::state {
  state(variable_store into, load_options options)
      : store(std::move(into)), caller_stop(options.stop, [this] { stop.request_stop(); }) {
    options.stop = stop.get_token();
    auto tell = std::move(options.progress);
    options.progress = [this, tell = std::move(tell)](const load_progress& now) {
      bytes_done = now.bytes_done;
      bytes_total = now.bytes_total;
      if (tell) tell(now);
    };
    thread = std::thread([this, options = std::move(options)] { run(options); });
  }

  void run(const load_options& options) noexcept {
    try {
      report = run_initializers(store, options);
    } catch (...) {
      failure = std::current_exception();
    }
    done = true;
  }

  variable_store store;  ///< a copy: the caller may move or destroy its own during the load
  std::stop_source stop;
  std::atomic<std::int64_t> bytes_done = 0;
  std::atomic<std::int64_t> bytes_total = 0;
  std::atomic<bool> done = false;
  std::optional<load_report> report;  // this and `failure`: only read after the join
  std::exception_ptr failure;
  std::stop_callback<std::function<void()>> caller_stop;
  std::thread thread;
};

load_handle::load_handle(std::unique_ptr<state> started) : state_(std::move(started)) {}
load_handle::load_handle(load_handle&&) noexcept = default;

load_handle& load_handle::operator=(load_handle&& other) noexcept {
  if (this != &other) {
    const load_handle former(std::move(*this));  // cancels and waits
    state_ = std::move(other.state_);
  }
  return *this;
}

load_handle::~load_handle() {
  if (!state_ || !state_->thread.joinable()) return;
  cancel();
  state_->thread.join();
}

load_report load_handle::wait() {
  if (!state_ || !state_->thread.joinable()) {
    throw error(error_code::invalid_argument, "wait was already called for this load");
  }
  state_->thread.join();
  if (state_->failure) std::rethrow_exception(state_->failure);
  return std::move(*state_->report);
}

bool load_handle::done() const noexcept {
  return !state_ || state_->done;
}

load_progress load_handle::progress() const noexcept {
  if (!state_) return {};
  return {.bytes_done = state_->bytes_done, .bytes_total = state_->bytes_total};
}

void load_handle::cancel() noexcept {
  if (state_) state_->stop.request_stop();
}

load_handle run_initializers_async(variable_store& store, load_options options) {
  (void)variable_access::state(store);  // refuse a moved-from store here, not in the thread
  return at_boundary(
      [&] { return load_handle(std::make_unique<load_handle::state>(store, std::move(options))); });
}

}  // namespace warmstart

#include "cli/cancellation.hpp"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>
#include <mutex>
#include <string_view>
#include <thread>

#include "cli/atomic_file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::cli {
namespace {

struct cancellation_state {
  std::mutex mutex;
  std::stop_source stop;
  bool stoppable = false;
  int signal = 0;  ///< the signal that asked the load to stop; 0: none
};

// Never destroyed: the thread that waits for signals uses it until the process ends.
cancellation_state& state() {
  static auto* const one = new cancellation_state;
  return *one;
}

[[noreturn]] void end_by(int number) {
  std::signal(number, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  (void)std::raise(number);
  _exit(128 + number);
}

[[noreturn]] void end_now(int number) {
  remove_temporary_files();
  constexpr std::string_view MESSAGE = "warmstart: cancelled\n";
  (void)!::write(STDERR_FILENO, MESSAGE.data(), MESSAGE.size());
  end_by(number);
}

// True if this asked a load to stop.
bool ask_to_stop(int number) {
  {
    const std::lock_guard lock(state().mutex);
    if (!state().stoppable || state().signal != 0) return false;
    state().signal = number;
  }
  state().stop.request_stop();
  return true;
}

void wait_for(sigset_t signals) {
  for (;;) {
    int number = 0;
    if (sigwait(&signals, &number) == 0 && !ask_to_stop(number)) end_now(number);
  }
}

}  // namespace

void watch_for_cancellation() {
  sigset_t watched;
  sigemptyset(&watched);
  bool any = false;
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction found {};
    if (sigaction(number, nullptr, &found) != 0 || found.sa_handler == SIG_IGN) continue;
    sigaddset(&watched, number);
    any = true;
  }
  if (!any) return;
  (void)state();
  // All threads inherit the mask, so that only the waiting thread gets the signals.
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  std::thread(wait_for, watched).detach();
}

stoppable_load::stoppable_load() {
  const std::lock_guard lock(state().mutex);
  state().stoppable = true;
}

stoppable_load::~stoppable_load() {
  const std::lock_guard lock(state().mutex);
  state().stoppable = false;
}

std::stop_token stoppable_load::token() const {
  return state().stop.get_token();
}

void throw_if_cancelled() {
  if (state().stop.stop_requested()) throw error(error_code::cancelled, "the load was cancelled");
}

void end_if_cancelled() {
  const std::lock_guard lock(state().mutex);
  if (state().signal != 0) end_by(state().signal);
}

}  // namespace warmstart::detail::cli

#include "io/sigbus_handler.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>

#include "io/signal_thread_local.hpp"

namespace warmstart::detail::sigbus_handler {
namespace {

constexpr struct sigaction DEFAULT_ACTION {};

bool same_handler(const struct sigaction& a, const struct sigaction& b) noexcept {
  return a.sa_handler == b.sa_handler;
}

/// An action that signal handlers may read while it is being replaced: each value is stored in
/// another slot.
class published_action {
 public:
  [[nodiscard]] const struct sigaction& get() const noexcept { return *current_.load(); }
  /// Not thread safe against other writers.
  void set(const struct sigaction& value) noexcept {
    struct sigaction& place = places_[next_++ % places_.size()];
    place = value;
    current_.store(&place);
  }
  /// The action that the kernel would run now. An action with SA_RESETHAND runs only once.
  [[nodiscard]] const struct sigaction& take() noexcept {
    const struct sigaction* one = current_.load();
    while ((one->sa_flags & static_cast<int>(SA_RESETHAND)) != 0 &&
           !current_.compare_exchange_weak(one, &DEFAULT_ACTION)) {
    }
    return *one;
  }

 private:
  std::array<struct sigaction, 4> places_ = {};
  std::size_t next_ = 0;
  std::atomic<const struct sigaction*> current_ = &DEFAULT_ACTION;
};

// Global, because signal handlers have no context. All objects are trivially destructible, so that
// signals at the end of the process still find them.
constinit std::mutex mutex;
constinit std::atomic<int> users = 0;
constinit std::atomic<absorb_function> absorb_by = nullptr;
constinit published_action before_ours;  // the action in place when our handler was first installed
constinit published_action replaced;     // the action in place when our handler was last installed
// An action that the program installed over ours and that was left in place by the last `release`.
// It may still call our handler.
constinit std::optional<struct sigaction> left_on_top;

/// State of a forwarded signal on this thread; the handler may in turn forward to ours.
struct forwarding {
  const void* context = nullptr;
  std::uintptr_t frame = 0;
  int depth = 0;
};
WARMSTART_SIGNAL_THREAD_LOCAL forwarding current_forwarding;

// Whether this call was forwarded by the handler that `outer` describes. A new signal has another
// context or, at the same address, not a deeper frame. A flag would not suffice, because handlers
// may leave by longjmp.
bool is_inner(const forwarding& outer, const void* context, std::uintptr_t frame) noexcept {
  return outer.context == context && frame < outer.frame;
}

// The action that would run without our handler. If a handler that was installed over ours calls
// ours, it expects the one before ours; if that one calls ours too, only the default action is
// left.
const struct sigaction& next_action(int depth) noexcept {
  if (depth == 0 && users.load() > 0) return replaced.take();
  return depth <= 1 ? before_ours.take() : DEFAULT_ACTION;
}

void run(const struct sigaction& action, int signal, siginfo_t* info, void* context) noexcept {
  const bool sent = info->si_code <= 0;
  if (action.sa_handler == SIG_IGN && sent) return;  // a fault cannot be ignored
  if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) {
    (void)sigaction(signal, &DEFAULT_ACTION, nullptr);
    if (sent) (void)raise(signal);  // a fault recurs by itself
  } else if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signal, info, context);
  } else {
    action.sa_handler(signal);
  }
}

void forward(int signal, siginfo_t* info, void* context) noexcept {
  const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const forwarding outer = current_forwarding;
  const bool inner = is_inner(outer, context, frame);
  const int depth = inner ? outer.depth + 1 : 0;
  current_forwarding = {.context = context, .frame = frame, .depth = depth};
  run(next_action(depth), signal, info, context);
  current_forwarding = inner ? outer : forwarding{};
}

void on_sigbus(int signal, siginfo_t* info, void* context) noexcept {
  const int saved = errno;
  const absorb_function absorb = absorb_by.load();
  const bool absorbed = info->si_code > 0 && absorb != nullptr && absorb(*info);
  errno = saved;
  if (!absorbed) forward(signal, info, context);
}

bool is_ours(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == on_sigbus;
}

// Takes over the mask of the replaced action, so that the kernel applies it to forwarded signals.
bool install_over(const struct sigaction& now) noexcept {
  replaced.set(now);
  struct sigaction ours = now;
  ours.sa_sigaction = on_sigbus;
  ours.sa_flags = (now.sa_flags & (SA_NODEFER | SA_RESTART)) | SA_SIGINFO | SA_ONSTACK;
  return sigaction(SIGBUS, &ours, nullptr) == 0;
}

bool install_first() noexcept {
  struct sigaction now {};
  if (sigaction(SIGBUS, nullptr, &now) != 0) return false;
  if (is_ours(now)) {  // a program that had replaced our handler restored it
    replaced.set(before_ours.get());
    return true;
  }
  if (!left_on_top || !same_handler(*left_on_top, now)) before_ours.set(now);
  return install_over(now);
}

}  // namespace

bool acquire(absorb_function absorb) noexcept {
  const std::lock_guard lock(mutex);
  absorb_by = absorb;
  if (users.load() == 0) {
    if (!install_first()) return false;
    left_on_top.reset();
  }
  ++users;
  return true;
}

void release() noexcept {
  const std::lock_guard lock(mutex);
  if (--users > 0) return;
  struct sigaction now {};
  if (sigaction(SIGBUS, nullptr, &now) != 0) return;
  if (is_ours(now)) {
    now = replaced.get();
    (void)sigaction(SIGBUS, &now, nullptr);
  }
  if (!same_handler(now, before_ours.get())) left_on_top = now;
}

void ensure() noexcept {
  struct sigaction now {};
  if (sigaction(SIGBUS, nullptr, &now) != 0 || is_ours(now)) return;
  const std::lock_guard lock(mutex);
  if (sigaction(SIGBUS, nullptr, &now) != 0 || is_ours(now)) return;
  (void)install_over(now);
}

}  // namespace warmstart::detail::sigbus_handler

#include "io/bus_errors.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace warmstart {
namespace {

struct guarded_range {
  std::atomic<bool> taken = false;
  std::atomic<std::uintptr_t> begin = 0;  ///< 0: none; written last
  std::atomic<std::size_t> size_bytes = 0;
  std::atomic<bool> hit = false;
};

static_assert(std::atomic<std::uintptr_t>::is_always_lock_free, "a signal handler reads it");

// Found by a signal handler: neither made nor destroyed.
constinit std::array<guarded_range, 256> ranges;
std::uintptr_t page_bytes = 4096;
struct sigaction earlier;

guarded_range* range_of(std::uintptr_t address) noexcept {
  for (guarded_range& one : ranges) {
    const std::uintptr_t begin = one.begin.load(std::memory_order_acquire);
    if (begin != 0 && address >= begin && address - begin < one.size_bytes.load()) return &one;
  }
  return nullptr;
}

// As if there were no handler here.
void pass_on(int signal, siginfo_t* info, void* context) noexcept {
  if ((earlier.sa_flags & SA_SIGINFO) != 0) {
    earlier.sa_sigaction(signal, info, context);
  } else if (earlier.sa_handler != SIG_DFL && earlier.sa_handler != SIG_IGN) {
    earlier.sa_handler(signal);
  } else {
    (void)sigaction(signal, &earlier, nullptr);
    // What was sent is sent again; an access that failed fails once more.
    if (info->si_code <= 0) (void)raise(signal);
  }
}

void on_bus_error(int signal, siginfo_t* info, void* context) noexcept {
  const int saved = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  guarded_range* const found = info->si_code > 0 ? range_of(address) : nullptr;
  if (found != nullptr) {
    found->hit.store(true);
    // The access is tried again, and finds a page of zeros.
    void* const page = static_cast<std::byte*>(info->si_addr) - address % page_bytes;
    if (mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) {
      errno = saved;
      return;
    }
  }
  errno = saved;
  pass_on(signal, info, context);
}

bool install_handler() noexcept {
  page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction ours {};
  ours.sa_sigaction = on_bus_error;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&ours.sa_mask);
  // Known before ours is there.
  return sigaction(SIGBUS, nullptr, &earlier) == 0 && sigaction(SIGBUS, &ours, nullptr) == 0;
}

}  // namespace

bus_error_guard::bus_error_guard(const std::byte* begin, std::size_t size_bytes) {
  static const bool installed = install_handler();
  if (!installed) return;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    guarded_range& one = ranges[i];
    if (one.taken.exchange(true)) continue;
    one.hit = false;
    one.size_bytes = size_bytes;
    one.begin.store(reinterpret_cast<std::uintptr_t>(begin), std::memory_order_release);
    index_ = i;
    return;
  }
}

bus_error_guard::~bus_error_guard() {
  if (index_ == NONE) return;
  ranges[index_].begin = 0;
  ranges[index_].taken = false;
}

bool bus_error_guard::hit() const noexcept {
  return index_ != NONE && ranges[index_].hit.load();
}

}  // namespace warmstart

#include "io/sigbus_guard.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "io/sigbus_handler.hpp"
#include "io/signal_thread_local.hpp"

namespace warmstart::detail {
namespace {

// The guard of the mapping that this thread is reading.
WARMSTART_SIGNAL_THREAD_LOCAL sigbus_guard* current_guard = nullptr;

bool absorb_fault(const siginfo_t& info) noexcept {
  return current_guard != nullptr && current_guard->absorb(info.si_addr);
}

}  // namespace

sigbus_guard::sigbus_guard(std::span<const std::byte> mapping) noexcept
    : mapping_(mapping), installed_(sigbus_handler::acquire(absorb_fault)) {}

sigbus_guard::~sigbus_guard() {
  if (installed_) sigbus_handler::release();
}

// Replaces the whole mapping at once, because its ends are page boundaries whatever its page size.
bool sigbus_guard::absorb(const void* address) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(mapping_.data());
  if (reinterpret_cast<std::uintptr_t>(address) - begin >= mapping_.size()) return false;
  hit_.store(true);  // before any thread can read zeros
  // A raw system call, because sanitizers replace mmap, and other threads may be reading the
  // mapping.
  return syscall(SYS_mmap, begin, mapping_.size(), PROT_READ,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
                 0) == static_cast<long>(begin);
}

sigbus_guard::access::access(sigbus_guard& guard) noexcept : outer_(current_guard) {
  sigbus_handler::ensure();
  current_guard = &guard;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

sigbus_guard::access::~access() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  current_guard = outer_;
}

}  // namespace warmstart::detail

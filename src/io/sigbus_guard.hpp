#pragma once

#include <atomic>
#include <cstddef>
#include <span>

namespace warmstart::detail {

/// A file mapping that may be read although the file can lose pages: where the file is truncated or
/// its disk fails, reads of the mapping through `access` get zeros instead of SIGBUS, and `hit`
/// says so.
///
/// A process-wide SIGBUS handler makes that possible. It is installed while at least one guard
/// exists; the last guard restores the handler that was there before. All signals but faults in
/// guarded reads are forwarded to that handler as the kernel would deliver them. If the program
/// installs a handler of its own meanwhile, the next `access` puts this one in front of it again.
class sigbus_guard {
 public:
  /// Guards a whole mapping, which outlives the guard.
  explicit sigbus_guard(std::span<const std::byte> mapping) noexcept;
  sigbus_guard(const sigbus_guard&) = delete;
  sigbus_guard& operator=(const sigbus_guard&) = delete;
  ~sigbus_guard();

  /// False if the system refused the handler. The mapping must not be read then.
  explicit operator bool() const noexcept { return installed_; }
  /// Whether the file has lost pages and the mapping was read there. The whole mapping is zeros
  /// then. To be asked after reading.
  [[nodiscard]] bool hit() const noexcept { return hit_.load(); }

  /// The scope in which the calling thread may read a guarded mapping.
  class access {
   public:
    explicit access(sigbus_guard& guard) noexcept;
    access(const access&) = delete;
    access& operator=(const access&) = delete;
    ~access();

   private:
    sigbus_guard* outer_;
  };

  /// For the signal handler: replaces the mapping by zeros if the address is in it.
  bool absorb(const void* address) noexcept;

 private:
  std::span<const std::byte> mapping_;
  std::atomic<bool> hit_ = false;
  bool installed_;
};

}  // namespace warmstart::detail

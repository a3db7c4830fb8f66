#pragma once

#include <atomic>
#include <cstddef>
#include <span>

namespace warmstart::detail {

/// Makes it safe to read a file mapping that may lose pages: if the file is truncated or its disk
/// fails, reads within an `access` scope return zeros instead of raising SIGBUS, and `hit` returns
/// true.
///
/// Uses a process-wide SIGBUS handler, which is installed while at least one guard exists; the last
/// guard restores the previous handler. All signals except faults in guarded reads are forwarded to
/// the previous handler as the kernel would deliver them. If the program replaces the handler
/// meanwhile, the next `access` installs this one again and forwards to the program's.
class sigbus_guard {
 public:
  /// Guards a whole mapping, which must outlive the guard.
  explicit sigbus_guard(std::span<const std::byte> mapping) noexcept;
  sigbus_guard(const sigbus_guard&) = delete;
  sigbus_guard& operator=(const sigbus_guard&) = delete;
  ~sigbus_guard();

  /// False if the handler could not be installed. The mapping must not be read then.
  explicit operator bool() const noexcept { return installed_; }
  /// Whether a read hit a page that the file has lost. The whole mapping then contains zeros. Check
  /// it after each read.
  [[nodiscard]] bool hit() const noexcept { return hit_.load(); }

  /// A scope in which the calling thread may read the guarded mapping.
  class access {
   public:
    explicit access(sigbus_guard& guard) noexcept;
    access(const access&) = delete;
    access& operator=(const access&) = delete;
    ~access();

   private:
    sigbus_guard* outer_;
  };

  /// For the signal handler: replaces the mapping by zeros if it contains `address`. Returns
  /// whether it did.
  bool absorb(const void* address) noexcept;

 private:
  std::span<const std::byte> mapping_;
  std::atomic<bool> hit_ = false;
  bool installed_;
};

}  // namespace warmstart::detail

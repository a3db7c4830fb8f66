#pragma once

#include <cstddef>

namespace warmstart {

/// Memory mapped from a file that may be read although its pages can go: where the file is cut off
/// or its disk fails meanwhile, a thread that reads there gets zeros instead of SIGBUS, and `hit`
/// tells. The first guard installs a handler of that signal for the process; what is not its own it
/// passes on to the handler that was there.
class bus_error_guard {
 public:
  /// Whole pages. Guards nothing if too many ranges are guarded already (256 at a time).
  bus_error_guard(const std::byte* begin, std::size_t size_bytes);
  bus_error_guard(const bus_error_guard&) = delete;
  bus_error_guard& operator=(const bus_error_guard&) = delete;
  ~bus_error_guard();

  explicit operator bool() const noexcept { return index_ != NONE; }
  /// Whether some of it was read as zeros. To be asked after reading.
  [[nodiscard]] bool hit() const noexcept;

 private:
  static constexpr std::size_t NONE = static_cast<std::size_t>(-1);
  std::size_t index_ = NONE;
};

}  // namespace warmstart

#pragma once

namespace warmstart::detail {

/// A point in a device's work, after everything that was queued before it. May outlive the engine
/// that created it. Thread safe.
class completion {
 public:
  completion() = default;
  completion(const completion&) = delete;
  completion& operator=(const completion&) = delete;
  virtual ~completion() = default;

  /// Whether the work is complete or the device is lost. Does not block.
  [[nodiscard]] virtual bool done() const noexcept = 0;
  /// Blocks until the work is complete. Throws `device` if the device is lost.
  virtual void wait() const = 0;
};

}  // namespace warmstart::detail

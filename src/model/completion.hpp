#pragma once

namespace warmstart::detail {

/// A point in a device's work: everything that was queued before it. Outlives the engine that made
/// it. From any thread.
class completion {
 public:
  completion() = default;
  completion(const completion&) = delete;
  completion& operator=(const completion&) = delete;
  virtual ~completion() = default;

  /// Whether all of it is done, or the device is lost; does not wait.
  [[nodiscard]] virtual bool done() const noexcept = 0;
  /// Blocks until all of it is done. Throws `device` if the device was lost.
  virtual void wait() const = 0;
};

}  // namespace warmstart::detail

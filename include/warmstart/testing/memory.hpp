#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"
#include "warmstart/memory.hpp"
#include "warmstart/testing/check_result.hpp"

namespace warmstart::testkit {

// Memory resources around another one, their source, that watch what passes, or refuse some of it.
// They can be stacked; what fails in a source counts as nothing in those around it:
//
//     auto limited = std::make_shared<limited_memory>(64 << 20);
//     auto tracked = std::make_shared<tracking_memory>(limited);
//     variable_store vars{"cuda:0", tracked};
//     auto kernel = vars.get_variable("kernel", {1024, 1024});
//     auto slot = vars.get_variable("slot", {1024, 1024},
//                                   {.memory = tracked->tagged("optimizer")});
//     run_initializers(vars);
//     EXPECT_EQ(tracked->usage_of("optimizer").live_bytes, 4 << 20);
//
// Any thread may use them: they let one call at a time through to their source, and so a resource
// behind them needs no lock of its own. Without a source (null) constructors throw
// `invalid_argument`.

/// How much is given out, and was.
struct memory_usage {
  std::size_t live_bytes = 0;
  std::size_t live_allocations = 0;
  std::size_t peak_bytes = 0;   ///< the most that was live at once
  std::size_t allocations = 0;  ///< of all time, those that failed left out

  friend bool operator==(const memory_usage&, const memory_usage&) = default;
};

/// An allocation that has not been given back.
struct live_block {
  std::size_t size_bytes = 0;
  device where = {};
  std::string tag = {};  ///< empty: of the resource itself

  friend bool operator==(const live_block&, const live_block&) = default;
};

/// Knows all that is live, by device and by tag.
///
/// It also sees what is given back wrongly: memory that it has not given out, which it leaves
/// alone, and memory with another size or device, which it gives back as it was allocated.
class WARMSTART_EXPORT tracking_memory final : public memory_resource {
 public:
  explicit tracking_memory(std::shared_ptr<memory_resource> source = default_memory_resource());

  void* allocate(std::size_t size_bytes, const device& where) override;
  void deallocate(void* data, std::size_t size_bytes, const device& where) noexcept override;

  /// The same memory under a name, for variables that are to be counted apart. May outlive this.
  [[nodiscard]] std::shared_ptr<memory_resource> tagged(std::string tag) const;

  [[nodiscard]] memory_usage usage() const;
  [[nodiscard]] memory_usage usage_on(const device& where) const;
  [[nodiscard]] memory_usage usage_of(std::string_view tag) const;
  /// In the order of allocation.
  [[nodiscard]] std::vector<live_block> live() const;
  /// Passes if everything has been given back, and rightly.
  [[nodiscard]] check_result all_returned() const;

 private:
  std::shared_ptr<class memory_ledger> ledger_;
};

/// Fails with `out_of_memory`, as a full device does, what would make more than `limit_bytes` live.
/// The error names device, bytes and limit.
class WARMSTART_EXPORT limited_memory final : public memory_resource {
 public:
  /// `only`: the device that has this limit, others have none; nothing: all of them together.
  explicit limited_memory(std::size_t limit_bytes,
                          std::shared_ptr<memory_resource> source = default_memory_resource(),
                          std::optional<device> only = std::nullopt);

  void* allocate(std::size_t size_bytes, const device& where) override;
  void deallocate(void* data, std::size_t size_bytes, const device& where) noexcept override;

  [[nodiscard]] std::size_t limit_bytes() const noexcept { return limit_bytes_; }
  [[nodiscard]] std::size_t live_bytes() const;

 private:
  [[nodiscard]] bool counts(const device& where) const { return !only_ || *only_ == where; }

  const std::size_t limit_bytes_;
  const std::shared_ptr<memory_resource> source_;
  const std::optional<device> only_;
  mutable std::mutex mutex_;
  std::size_t live_bytes_ = 0;
};

/// Fails one allocation with `out_of_memory`, and lets those after it succeed. To let each of a
/// load fail in turn:
///
///     for (std::size_t n = 1;; ++n) {
///       memory->fail_at(n);
///       try {
///         run_initializers(vars);
///       } catch (const error&) {
///       }
///       if (!memory->failed()) break;   // it made fewer than n
///     }
class WARMSTART_EXPORT failing_memory final : public memory_resource {
 public:
  /// Fails nothing until it is told to.
  explicit failing_memory(std::shared_ptr<memory_resource> source = default_memory_resource());

  void* allocate(std::size_t size_bytes, const device& where) override;
  void deallocate(void* data, std::size_t size_bytes, const device& where) noexcept override;

  /// The `nth` allocation from now on fails; 1 is the next, 0 none.
  void fail_at(std::size_t nth);
  /// Whether it has, since `fail_at`.
  [[nodiscard]] bool failed() const;

 private:
  const std::shared_ptr<memory_resource> source_;
  mutable std::mutex mutex_;
  std::size_t fail_at_ = 0;
  std::size_t calls_ = 0;  ///< since `fail_at`
};

}  // namespace warmstart::testkit

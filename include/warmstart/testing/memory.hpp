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

// Memory resources that wrap another resource, their source, and track allocations or refuse some
// of them. They can be stacked. An allocation that fails in a source is not counted by its
// wrappers:
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
// They are thread safe and serialize calls to their source, so the source needs no lock.
// Constructors throw `invalid_argument` if the source is null.

/// Current and past allocations.
struct memory_usage {
  std::size_t live_bytes = 0;
  std::size_t live_allocations = 0;
  std::size_t peak_bytes = 0;   ///< maximum of `live_bytes`
  std::size_t allocations = 0;  ///< number of all successful allocations

  friend bool operator==(const memory_usage&, const memory_usage&) = default;
};

/// An allocation that has not been deallocated.
struct live_block {
  std::size_t size_bytes = 0;
  warmstart::device device = {};
  std::string tag = {};  ///< empty if allocated from the resource itself

  friend bool operator==(const live_block&, const live_block&) = default;
};

/// Tracks all live allocations, by device and by tag.
///
/// Also detects invalid deallocations: unknown pointers are reported and ignored; a wrong size or
/// device is reported, and the memory is freed with the size and device of its allocation.
class WARMSTART_EXPORT tracking_memory final : public memory_resource {
 public:
  explicit tracking_memory(std::shared_ptr<memory_resource> source = default_memory_resource());

  void* allocate(std::size_t size_bytes, const device& device) override;
  void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept override;

  /// A resource that allocates from this one and counts its allocations under `tag`. May outlive
  /// this resource.
  [[nodiscard]] std::shared_ptr<memory_resource> tagged(std::string tag) const;

  [[nodiscard]] memory_usage usage() const;
  [[nodiscard]] memory_usage usage_on(const device& device) const;
  [[nodiscard]] memory_usage usage_of(std::string_view tag) const;
  /// Live allocations, oldest first.
  [[nodiscard]] std::vector<live_block> live() const;
  /// Passes if nothing is live and no deallocation was invalid.
  [[nodiscard]] check_result all_returned() const;

 private:
  std::shared_ptr<class memory_ledger> ledger_;
};

/// Throws `out_of_memory`, as a full device does, for an allocation that would make more than
/// `limit_bytes` live. The message names device, bytes and limit.
class WARMSTART_EXPORT limited_memory final : public memory_resource {
 public:
  /// If `limited_device` is given, the limit applies to that device alone; otherwise to the sum
  /// over all devices.
  explicit limited_memory(std::size_t limit_bytes,
                          std::shared_ptr<memory_resource> source = default_memory_resource(),
                          std::optional<device> limited_device = std::nullopt);

  void* allocate(std::size_t size_bytes, const device& device) override;
  void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept override;

  [[nodiscard]] std::size_t limit_bytes() const noexcept { return limit_bytes_; }
  [[nodiscard]] std::size_t live_bytes() const;

 private:
  [[nodiscard]] bool counts(const device& device) const { return !only_ || *only_ == device; }

  const std::size_t limit_bytes_;
  const std::shared_ptr<memory_resource> source_;
  const std::optional<device> only_;
  mutable std::mutex mutex_;
  std::size_t live_bytes_ = 0;
};

/// Fails one allocation with `out_of_memory`; later ones succeed. To fail each allocation of a load
/// in turn:
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
  /// Fails nothing until `fail_at` is called.
  explicit failing_memory(std::shared_ptr<memory_resource> source = default_memory_resource());

  void* allocate(std::size_t size_bytes, const device& device) override;
  void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept override;

  /// Makes the `nth` allocation after this call fail; 1 is the next one, 0 is none.
  void fail_at(std::size_t nth);
  /// Whether that allocation has failed.
  [[nodiscard]] bool failed() const;

 private:
  const std::shared_ptr<memory_resource> source_;
  mutable std::mutex mutex_;
  std::size_t fail_at_ = 0;
  std::size_t calls_ = 0;  ///< allocations since `fail_at`
};

}  // namespace warmstart::testkit

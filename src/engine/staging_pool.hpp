#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/backend.hpp"
#include "model/completion.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart::detail {

/// The staging memory of one load: slots of equal size, and a mirror of every slot on each device
/// that scatters.
class staging_lease {
 public:
  [[nodiscard]] std::span<std::byte> slot(std::size_t index) const noexcept {
    return memory_->bytes().subspan(index * slot_bytes_, slot_bytes_);
  }
  /// The slot's mirror on a device, or null.
  [[nodiscard]] std::byte* mirror(const device& device, std::size_t index) const noexcept;
  [[nodiscard]] std::size_t slot_count() const noexcept { return slot_count_; }

  /// Keeps the memory reserved until `readers` are done, even after the load has returned.
  void keep_until(std::vector<std::shared_ptr<const completion>> readers) {
    readers_ = std::move(readers);
  }

 private:
  friend class staging_pool;

  [[nodiscard]] bool is_read() const noexcept;
  /// Whether the memory is large enough for the plan and, with the mirrors that have to be added,
  /// within its budget.
  [[nodiscard]] bool suffices(const transfer_plan& plan, const device& source) const noexcept;

  std::unique_ptr<staging_memory> memory_;
  std::map<device, std::unique_ptr<staging_memory>> mirrors_;
  device made_for_;
  std::size_t slot_bytes_ = 0;
  std::size_t mirror_bytes_ = 0;
  std::size_t slot_count_ = 0;
  std::vector<std::shared_ptr<const completion>> readers_;
};

/// Lends staging memory to loads and keeps the last lease for the next load. Memory that devices
/// still read, after a stream-ordered load, is neither lent again nor freed; the next load gets new
/// memory. Not thread safe.
class staging_pool {
 public:
  /// Lends memory for the plan's slots and mirrors; `source` allocates the host memory. Reuses the
  /// last lease if it is large enough and within the plan's budget. Unless `may_free` is set,
  /// memory that is too small is kept beside the new memory, because freeing pinned memory may wait
  /// for all streams of the process. The lease ends when the caller drops it and its readers are
  /// done. Throws `out_of_memory`.
  [[nodiscard]] std::shared_ptr<staging_lease> lend(
      const transfer_plan& plan, backend& source,
      const std::function<backend&(const device&)>& backend_of, bool may_free);

 private:
  /// Frees replaced leases that no device reads any more.
  void trim() noexcept;

  std::shared_ptr<staging_lease> kept_;                  ///< the last lease
  std::vector<std::shared_ptr<staging_lease>> retired_;  ///< replaced leases
};

}  // namespace warmstart::detail

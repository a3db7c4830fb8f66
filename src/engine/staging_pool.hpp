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

/// The staging memory of one load: slots of equal size, and on devices that scatter a mirror of
/// every slot.
class staging_lease {
 public:
  [[nodiscard]] std::span<std::byte> slot(std::size_t index) const noexcept {
    return memory_->bytes().subspan(index * slot_bytes_, slot_bytes_);
  }
  /// The slot's mirror on a device, or null.
  [[nodiscard]] std::byte* mirror(const device& where, std::size_t index) const noexcept;
  [[nodiscard]] std::size_t slot_count() const noexcept { return slot_count_; }

  /// Devices read the memory until these are done, though the load has returned.
  void keep_until(std::vector<std::shared_ptr<const completion>> readers) {
    readers_ = std::move(readers);
  }

 private:
  friend class staging_pool;

  [[nodiscard]] bool is_read() const noexcept;
  /// Whether it has what the plan wants, within the plan's budget; mirrors can be added.
  [[nodiscard]] bool suffices(const transfer_plan& plan, const device& source) const noexcept;

  std::unique_ptr<staging_memory> memory_;
  std::map<device, std::unique_ptr<staging_memory>> mirrors_;
  device made_for_;
  std::size_t slot_bytes_ = 0;
  std::size_t mirror_bytes_ = 0;
  std::size_t slot_count_ = 0;
  std::vector<std::shared_ptr<const completion>> readers_;
};

/// Lends staging memory to loads and keeps the last for the next one. Memory that devices still
/// read, in the order of callers' streams, is neither lent again nor freed: the next load gets
/// other memory. One thread at a time.
class staging_pool {
 public:
  /// Memory for the plan's slots and mirrors, host memory from `source`. What was lent before is
  /// lent again if it suffices and the plan's budget allows it. Unless `may_free`, what does not
  /// suffice is kept beside the new memory: to free pinned memory may wait for all streams of the
  /// process. The lease ends when it is given no more readers and the caller drops it. Throws
  /// `out_of_memory`.
  [[nodiscard]] std::shared_ptr<staging_lease> lend(
      const transfer_plan& plan, backend& source,
      const std::function<backend&(const device&)>& backend_of, bool may_free);

 private:
  /// Frees what was replaced and no device reads any more.
  void trim() noexcept;

  std::shared_ptr<staging_lease> kept_;                  ///< the last one lent
  std::vector<std::shared_ptr<staging_lease>> retired_;  ///< replaced
};

}  // namespace warmstart::detail

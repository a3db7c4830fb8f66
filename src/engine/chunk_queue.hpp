#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <span>
#include <vector>

#include "engine/backend.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart::detail {

/// The chunks that no reader has taken yet, in file order. A device may hold only its share of the
/// slots; when it does, chunks for other devices overtake its chunks. A slow device therefore does
/// not stall the others, and all links are busy even if the file contains the devices' bytes one
/// after the other.
///
/// A slot counts against the share of every device that has not finished reading it. Not thread
/// safe.
///
/// Chunks for the same set of devices form a group, whose chunks stay in order. Finding the next
/// chunk needs a search over groups, of which there may be as many as chunks. The search is limited
/// to the groups whose next chunks are first in the file; with up to 8 devices it covers all
/// groups.
class chunk_queue {
 public:
  static constexpr std::size_t SEARCHED_GROUPS = 256;

  /// `backends` is indexed by row. `devices` lists those that read slots asynchronously, each once.
  chunk_queue(const transfer_plan& plan, std::span<backend* const> backends,
              std::span<backend* const> devices, std::size_t slot_count);

  [[nodiscard]] bool empty() const noexcept { return left_ == 0; }
  /// Whether `take` can return a chunk.
  [[nodiscard]] bool ready(bool slot_free) const noexcept { return next_chunk(slot_free) != NONE; }
  /// Takes one chunk that needs a slot, or several consecutive chunks that need none.
  [[nodiscard]] index_range take(bool slot_free);
  /// Indices of the devices that read the chunk's slot.
  [[nodiscard]] std::span<const std::uint32_t> devices_of(std::uint32_t chunk) const noexcept {
    return groups_[group_of_[chunk]].devices;
  }
  /// Lets every device hold all slots, for loads that have a slot for each chunk and must not wait
  /// until a device releases one.
  void lift_shares(std::size_t slot_count) noexcept { share_ = slot_count; }
  /// Reports that the device has finished reading a slot.
  void release(std::uint32_t device) noexcept { --held_[device]; }
  /// For tests: number of groups that all searches examined.
  [[nodiscard]] std::size_t groups_examined() const noexcept { return groups_examined_; }

 private:
  static constexpr std::uint32_t NONE = UINT32_MAX;

  /// Chunks for the same devices.
  struct group {
    std::vector<std::uint32_t> devices = {};
    bool needs_slot = false;
    std::vector<std::uint32_t> chunks = {};
    std::size_t next = 0;
  };
  /// The next chunk of each group that is not empty.
  struct next_chunks {
    std::vector<std::uint32_t> searched;  ///< the first ones in file order
    std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> others;

    void refill();
  };

  [[nodiscard]] std::vector<std::uint32_t> find_devices(
      const chunk& one, const std::map<const backend*, std::uint32_t>& numbers,
      std::span<backend* const> backends) const;
  [[nodiscard]] std::uint32_t next_chunk(bool slot_free) const noexcept;
  void widen(group& from, index_range& taken);

  const transfer_plan& plan_;
  std::vector<group> groups_;
  std::vector<std::uint32_t> group_of_;  ///< by chunk
  std::array<next_chunks, 2> next_;      ///< for groups that need no slot, and for those that do
  mutable std::size_t groups_examined_ = 0;
  std::vector<std::size_t> held_;  ///< slots that each device holds
  std::size_t share_ = 0;          ///< slots that one device may hold
  std::size_t left_;               ///< chunks not taken yet
  std::int64_t bytes_taken_ = 0;
};

}  // namespace warmstart::detail

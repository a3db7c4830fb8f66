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

/// The chunks that no reader has taken yet, in file order; but a device may hold only its share of
/// the ring, and where it does, chunks for others overtake. So a slow device does not stall them,
/// and all links are at work though the file has one device's bytes after another's.
///
/// A slot counts against the share of every device that has not read its part of it. Not thread
/// safe.
///
/// Chunks for the same devices are a group, whose chunks stay in order. There may be as many groups
/// as chunks, and only a search finds the first that may go on, so it is limited to the groups
/// whose next chunks come first. With up to 8 devices it reaches all groups.
class chunk_queue {
 public:
  static constexpr std::size_t SEARCHED_GROUPS = 256;

  /// `backends`: by row. `devices`: those of them that read slots by themselves, each once.
  chunk_queue(const transfer_plan& plan, std::span<backend* const> backends,
              std::span<backend* const> devices, std::size_t slot_count);

  [[nodiscard]] bool empty() const noexcept { return left_ == 0; }
  /// Whether `take` has something to give.
  [[nodiscard]] bool ready(bool slot_free) const noexcept { return next_chunk(slot_free) != NONE; }
  /// One chunk that needs a slot, or some that follow one another and do not: as many as a reader
  /// takes at once.
  [[nodiscard]] index_range take(bool slot_free);
  /// Which of the devices read the chunk's slot.
  [[nodiscard]] std::span<const std::uint32_t> devices_of(std::uint32_t chunk) const noexcept {
    return groups_[group_of_[chunk]].devices;
  }
  /// Lets every device hold all slots. For loads that have one for each chunk and must not wait
  /// for a device to give one back.
  void lift_shares(std::size_t slot_count) noexcept { share_ = slot_count; }
  /// The device has read its part of a slot.
  void release(std::uint32_t device) noexcept { --held_[device]; }
  /// For tests: how many groups all searches have looked at.
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
  /// The next chunk of each group that has one.
  struct next_chunks {
    std::vector<std::uint32_t> searched;  ///< those that come first, in order
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
  std::array<next_chunks, 2> next_;      ///< of groups that need no slot, and of those that do
  mutable std::size_t groups_examined_ = 0;
  std::vector<std::size_t> held_;  ///< slots, by device
  std::size_t share_ = 0;          ///< slots that one device may hold
  std::size_t left_;               ///< chunks
  std::int64_t bytes_taken_ = 0;
};

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "engine/backend.hpp"
#include "load/load_job.hpp"

namespace warmstart::detail {

/// Fills for the gaps of loaded rows: elements that a remap maps nothing to. Refers to the job and
/// to the backends of its loads.
class gap_fills {
 public:
  gap_fills(const load_job& job, std::span<backend* const> backends);

  /// Run these before the load. On devices one command also fills the elements between close gaps,
  /// which the load then overwrites.
  [[nodiscard]] std::span<const fill_command> commands() const noexcept { return commands_; }
  [[nodiscard]] std::span<backend* const> targets() const noexcept { return targets_; }

 private:
  void add(const gap& one);

  const load_job& job_;
  std::span<backend* const> backends_;
  std::deque<slice> places_;         ///< slices of the variables
  std::vector<std::uint32_t> rows_;  ///< of the commands
  std::vector<fill_command> commands_;
  std::vector<backend*> targets_;
};

}  // namespace warmstart::detail

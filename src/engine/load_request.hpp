#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/backend.hpp"
#include "engine/ledger.hpp"
#include "io/file.hpp"
#include "plan/transfer_plan.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// A caller's stream that orders the commands of a device: after work that is queued in it before
/// the load, and before work that is queued later.
struct caller_stream {
  detail::backend* backend = nullptr;
  void* stream = nullptr;
};

/// A plan and the memory it refers to. All referenced objects must outlive the load.
struct load_request {
  const transfer_plan* plan = nullptr;
  const file_system* files = nullptr;
  read_mode mode = read_mode::buffered;     ///< `direct` requires a plan for direct reads
  std::span<std::byte* const> addresses;    ///< by row; null for rows that the plan does not use
  std::span<backend* const> backends;       ///< by row
  std::span<const std::int64_t> row_bytes;  ///< by row
  /// Callers' streams of some devices. The load does not wait for these devices at its end; the
  /// streams do.
  std::span<const caller_stream> streams;
  std::stop_token stop;
  /// Receives the bytes done so far and in total, on the driver thread, a few times per second and
  /// at the end.
  std::function<void(std::int64_t, std::int64_t)> progress;
  checksum_use checksums = checksum_use::compare;
};

/// Whether `target` has a caller's stream, so that the load does not wait for it.
[[nodiscard]] inline bool has_stream(std::span<const caller_stream> streams,
                                     const backend* target) noexcept {
  return std::any_of(streams.begin(), streams.end(),
                     [&](const caller_stream& one) { return one.backend == target; });
}

/// Completion of a load's work on a device with a caller's stream.
struct pending_device {
  backend* target = nullptr;
  std::shared_ptr<const completion> done;
};

struct load_result {
  std::int64_t bytes_read = 0;
  std::vector<pending_device> pending;   ///< one per stream of the request
  std::vector<std::uint32_t> expected;   ///< checksums by row, for rows whose check is `loaded`
  std::vector<problem> damage;           ///< with `checksum_use::collect_damage`
  std::vector<std::uint32_t> checksums;  ///< with `checksum_use::compute`, by extent of the plan
};

}  // namespace warmstart::detail

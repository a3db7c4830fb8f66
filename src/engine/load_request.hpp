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

/// A device's commands begin after what the caller has queued there, and end before what it queues
/// later.
struct caller_stream {
  backend* on = nullptr;
  void* stream = nullptr;
};

/// A plan with addresses. Everything outlives the load.
struct load_request {
  const transfer_plan* plan = nullptr;
  const file_system* files = nullptr;
  read_mode mode = read_mode::buffered;     ///< direct: the plan must be made for it
  std::span<std::byte* const> addresses;    ///< by row; null where the plan wants nothing for it
  std::span<backend* const> backends;       ///< by row
  std::span<const std::int64_t> row_bytes;  ///< by row
  /// The caller's, for some of the devices: nothing waits for those at the end, their streams do.
  std::span<const caller_stream> streams;
  std::stop_token stop;
  /// Bytes done so far, and in all. From the driver thread, a few times a second and at the end.
  std::function<void(std::int64_t, std::int64_t)> progress;
  checksum_use checksums = checksum_use::compare;
};

/// Whether a device's end is its caller's stream's business.
[[nodiscard]] inline bool has_stream(std::span<const caller_stream> streams,
                                     const backend* target) noexcept {
  return std::any_of(streams.begin(), streams.end(),
                     [&](const caller_stream& one) { return one.on == target; });
}

/// When what a load gave a device is done, where its end is the business of a caller's stream.
struct pending_device {
  backend* target = nullptr;
  std::shared_ptr<const completion> done;
};

struct load_result {
  std::int64_t bytes_read = 0;
  std::vector<pending_device> pending;   ///< one for each of the request's streams
  std::vector<std::uint32_t> expected;   ///< by row, of those whose check is `loaded`
  std::vector<problem> damage;           ///< with `checksum_use::collect_damage`
  std::vector<std::uint32_t> checksums;  ///< with `checksum_use::compute`, by extent of the plan
};

}  // namespace warmstart::detail

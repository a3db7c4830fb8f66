#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

namespace warmstart {

enum class traced_work : std::uint8_t {
  wait,    ///< a reader waits for a slot or for work
  read,    ///< a reader reads a file; bytes from the page cache are checked in the same pass
  check,   ///< a reader computes checksums of direct reads
  copy,    ///< a reader copies to rows on the host
  hold,    ///< a slot is in use: from its acquisition by a reader until no device reads from it
  submit,  ///< the driver queues the commands for a chunk
  upload,  ///< a device copies runs, mirrored ranges and lists from the host
  kernel,  ///< a device scatters a chunk
  relay,   ///< a device copies bytes of a replica from another device
  fill,    ///< a device writes an initializer's values
};

[[nodiscard]] WARMSTART_EXPORT std::string_view to_string(traced_work work) noexcept;

/// An interval. Times are in seconds since the start of the load; those of devices come from their
/// own clocks.
struct trace_event {
  traced_work work = traced_work::wait;
  double begin = 0;
  double end = 0;
  std::int64_t chunk = -1;  ///< index into `load_trace::chunks`; -1 if none
  std::int64_t bytes = 0;
};

/// Events of one thread, slot or device stream, in order.
struct trace_lane {
  std::string group = {};  ///< `readers`, `slots`, `driver`, or a device
  std::string name = {};
  std::vector<trace_event> events = {};
};

/// The time at which the driver noticed that a device no longer reads from a slot.
struct slot_release {
  warmstart::device device = {};
  double time = 0;
};

/// A byte range of a file that was read at once.
struct traced_chunk {
  std::uint32_t file = 0;  ///< index into `load_trace::files`
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::string tensor = {};  ///< the first tensor that has bytes in the range
  std::int64_t slot = -1;   ///< slot that held the bytes; -1 for an in-place read
  /// In order of time, without devices that have a stream of the caller.
  std::vector<slot_release> released = {};
};

/// The course of a load over time; see `load_options::trace`.
struct load_trace {
  std::vector<std::string> files = {};
  std::vector<traced_chunk> chunks = {};
  std::vector<trace_lane> lanes = {};
};

/// JSON in the trace event format, for Perfetto (ui.perfetto.dev) or chrome://tracing.
[[nodiscard]] WARMSTART_EXPORT std::string to_chrome_json(const load_trace& trace);

}  // namespace warmstart

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

namespace warmstart {

enum class traced_work : std::uint8_t {
  wait,    ///< a reader: for a slot, or for something to do
  read,    ///< a reader: from the file; what comes out of the page cache is checked on the way
  check,   ///< a reader: checksums of what was read past the page cache
  copy,    ///< a reader: to rows on the host
  hold,    ///< a slot: from a reader's taking it until no device reads from it
  submit,  ///< the driver: gives a chunk's commands to devices
  upload,  ///< a device: runs, mirrors and lists, from the host
  kernel,  ///< a device: scatters a chunk
  relay,   ///< a device: bytes of a replica, from another device
  fill,    ///< a device: an initializer's values
};

[[nodiscard]] WARMSTART_EXPORT std::string_view to_string(traced_work what) noexcept;

/// Times are in seconds since the load began; devices have measured theirs by themselves.
struct trace_event {
  traced_work what = traced_work::wait;
  double begin = 0;
  double end = 0;
  std::int64_t chunk = -1;  ///< index into `load_trace::chunks`; -1: none
  std::int64_t bytes = 0;
};

/// What one thread, slot or device stream did: events one after the other.
struct trace_lane {
  std::string group = {};  ///< `readers`, `slots`, `driver`, or a device
  std::string name = {};
  std::vector<trace_event> events = {};
};

/// When a device was seen to read no more from a slot.
struct slot_release {
  device by = {};
  double at = 0;
};

/// Bytes of a file that were read at once.
struct traced_chunk {
  std::uint32_t file = 0;  ///< index into `load_trace::files`
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::string tensor = {};  ///< the first that has some of them
  std::int64_t slot = -1;   ///< that held it; -1: none, it was read to where it belongs
  std::vector<slot_release> released = {};  ///< first to last; not by devices of callers' streams
};

/// What a load did when; see `load_options::trace`.
struct load_trace {
  std::vector<std::string> files = {};
  std::vector<traced_chunk> chunks = {};
  std::vector<trace_lane> lanes = {};
};

/// As a file for Perfetto (ui.perfetto.dev) or chrome://tracing: trace event format, JSON.
[[nodiscard]] WARMSTART_EXPORT std::string to_chrome_json(const load_trace& trace);

}  // namespace warmstart

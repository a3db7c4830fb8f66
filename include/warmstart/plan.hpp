#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"
#include "warmstart/run.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {

/// What a run of the pending initializers would do; no device is needed to know.
struct load_plan {
  struct file {
    std::string path = {};
    std::int64_t reads = 0;
    std::int64_t bytes = 0;
  };
  struct on_device {
    device where = {};
    std::int64_t variables = 0;        ///< rows: parts and replicas counted
    std::int64_t memory_bytes = 0;     ///< that will be allocated
    std::int64_t landed_bytes = 0;     ///< read straight to their place
    std::int64_t copied_bytes = 0;     ///< contiguous runs, each copied from the staging ring
    std::int64_t scattered_bytes = 0;  ///< strided boxes, and what is too short for its own copy
    std::int64_t converted_bytes = 0;  ///< cast or byte-swapped on the way
    std::int64_t relayed_bytes = 0;    ///< from replicas on other devices
    std::int64_t filled_bytes = 0;     ///< made by initializers
    /// That cross the link from the host to the device: runs that are copied, what mirrors take of
    /// each chunk (gaps between what they want included), lists of what is to be scattered. Out of
    /// mapped slots kernels read whole sectors: every aligned 32 bytes that hold some of a copy,
    /// once for that copy. They come that close except for strided runs below 256 bytes, of which
    /// they may read a sector more than once.
    std::int64_t link_bytes = 0;
  };

  /// Bytes that replicas take from one another.
  struct link {
    device from = {};
    device to = {};
    std::int64_t bytes = 0;
  };

  std::vector<file> files = {};
  std::vector<on_device> devices = {};
  std::vector<link> links = {};  ///< between devices, those in use
  bool direct_reads = false;     ///< past the page cache
  std::int64_t bytes_needed = 0;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_unchecked = 0;  ///< of bytes_needed, no checksum covers or will be compared
  std::int64_t slot_bytes = 0;
  std::int64_t slot_count = 0;
  std::int64_t staging_bytes = 0;  ///< slots, and their mirrors on devices
};

[[nodiscard]] WARMSTART_EXPORT std::string to_string(const load_plan& plan);
[[nodiscard]] WARMSTART_EXPORT std::string to_json(const load_plan& plan);

/// Plans what `run_initializers` would do with the same options. Throws as it does before the first
/// read, except for memory.
[[nodiscard]] WARMSTART_EXPORT load_plan make_plan(const variable_store& store,
                                                   const load_options& options = {});

}  // namespace warmstart

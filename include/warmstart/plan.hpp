#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"
#include "warmstart/run.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {

/// What a run of the pending initializers would do. Planning needs no device.
struct load_plan {
  struct file {
    std::string path = {};
    std::int64_t reads = 0;
    std::int64_t bytes = 0;
  };
  struct device_totals {
    warmstart::device device = {};
    std::int64_t variables = 0;        ///< rows; each part and replica counts
    std::int64_t memory_bytes = 0;     ///< memory that will be allocated
    std::int64_t landed_bytes = 0;     ///< in-place reads, straight into the variables
    std::int64_t copied_bytes = 0;     ///< contiguous runs, each copied from the staging buffers
    std::int64_t scattered_bytes = 0;  ///< strided boxes, and runs that are too short for a copy
    std::int64_t converted_bytes = 0;  ///< cast or byte-swapped on the way
    std::int64_t relayed_bytes = 0;    ///< peer copies from replicas on other devices
    std::int64_t filled_bytes = 0;     ///< written by initializers
    /// Bytes that cross the link from the host to the device: copied runs, the ranges of each chunk
    /// that are copied to mirrors (including the gaps between needed bytes), and the lists for the
    /// scatter kernel. With `scatter_source::mapped`, kernels read whole sectors of 32 bytes; the
    /// figure counts each sector once per copy. For strided runs below 256 bytes a kernel may read
    /// a sector more than once.
    std::int64_t link_bytes = 0;
  };

  /// Peer copies between two devices.
  struct link {
    device source = {};
    device destination = {};
    std::int64_t bytes = 0;
  };

  std::vector<file> files = {};
  std::vector<device_totals> devices = {};
  std::vector<link> links = {};  ///< only links that are used
  bool direct_reads = false;     ///< reads bypass the page cache
  std::int64_t bytes_needed = 0;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_unchecked = 0;  ///< part of `bytes_needed` without a checksum that is compared
  std::int64_t slot_bytes = 0;
  std::int64_t slot_count = 0;
  std::int64_t staging_bytes = 0;  ///< slots and their mirrors on devices
};

[[nodiscard]] WARMSTART_EXPORT std::string to_string(const load_plan& plan);
[[nodiscard]] WARMSTART_EXPORT std::string to_json(const load_plan& plan);

/// Plans what `run_initializers` would do with the same options. Throws the errors that it throws
/// before the first read, except those of memory allocation.
[[nodiscard]] WARMSTART_EXPORT load_plan make_plan(const variable_store& store,
                                                   const load_options& options = {});

}  // namespace warmstart

#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "formats/tensorflow/bundle/records.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

/// The parsed records of an index file. Each record is checked on its own: its shard is below the
/// header's count, and its byte range fits into 64 bits.
struct bundle_index {
  struct slice_entry {
    bundle_entry stored;
    bool listed = false;  ///< a tensor lists it
  };

  bundle_header header;
  std::vector<std::pair<std::string, bundle_entry>> tensors;  ///< by name, ascending
  std::map<std::string, slice_entry, std::less<>> slices;     ///< by slice key
};

/// Reads a whole index file. Throws `corrupt`, `unsupported`, and what reading throws.
[[nodiscard]] bundle_index read_bundle_index(const file& from);

}  // namespace warmstart::detail

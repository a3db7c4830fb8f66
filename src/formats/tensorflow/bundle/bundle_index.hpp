#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "formats/tensorflow/bundle/records.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

/// The records of an index file, parsed, each believable for itself: its shard is one of those that
/// the header counts, its bytes have a place in some file.
struct bundle_index {
  struct slice_entry {
    bundle_entry stored;
    bool listed = false;  ///< by a tensor
  };

  bundle_header header;
  std::vector<std::pair<std::string, bundle_entry>> tensors;  ///< by name, ascending
  std::map<std::string, slice_entry, std::less<>> slices;     ///< by slice key
};

/// Reads all of it. Throws `corrupt`, `unsupported`, and what reading throws.
[[nodiscard]] bundle_index read_bundle_index(const file& from);

}  // namespace warmstart::detail

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "warmstart/export.hpp"
#include "warmstart/slice.hpp"

namespace warmstart {

/// Maps each new index of a dimension to an old index, by a list or by two vocabularies.
///
///     remap{.indices = {4, -1, 0}}                              new 0 is old 4, new 2 old 0
///     remap{.old_vocabulary = "old.txt", .new_vocabulary = "new.txt"}    a token keeps its values
///
/// A new index is unmapped if its entry is -1, if its token is not in the old vocabulary, or if it
/// is beyond the end of the list (as buckets for out-of-vocabulary tokens are). The variable's own
/// initializer fills unmapped elements, whatever an earlier call assigned. Wrapped memory of the
/// caller has no initializer; its unmapped elements are left unchanged.
struct remap {
  std::vector<std::int64_t> indices = {};
  std::string old_vocabulary = {};  ///< text file, one token of up to 1 MiB per line, at most 4 GiB
  std::string new_vocabulary = {};
  /// Number of lines to use from the start of the file. Ignored for columns, as in TensorFlow's
  /// `warm_start`.
  std::optional<std::int64_t> old_size = {};
  std::optional<std::int64_t> new_size = {};
};

/// Changes to a tensor before it is assigned to a variable, applied in the order of the members. A
/// transform costs no extra pass over the data: it only decides which bytes are read and where each
/// is written.
///
///     transform{.transpose = {1, 0}}
///     transform{.slice = {{0, 64}, {0, -1}}, .reshape = {{64, 4, 16}}, .transpose = {1, 0, 2}}
///     transform{.rows = remap{.old_vocabulary = "old.txt", .new_vocabulary = "new.txt"}}
struct transform {
  /// One start and length per dimension of the tensor; length -1 means up to the end. Empty: the
  /// whole tensor.
  std::vector<slice_extent> slice = {};
  /// New shape with the same number of elements in row-major order; one dimension may be -1.
  std::optional<std::vector<std::int64_t>> reshape = {};
  /// Dimension i of the result is dimension `transpose[i]` of the input.
  std::vector<int> transpose = {};
  std::optional<remap> rows = {};     ///< remaps dimension 0
  std::optional<remap> columns = {};  ///< remaps dimension 1
  std::optional<bool> cast = {};      ///< overrides `init_options::cast`
};

/// As in `slice 3,5:11,-1, transpose 1,0, rows old.txt to new.txt`; empty if nothing is changed.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const transform& changes);

}  // namespace warmstart

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "warmstart/export.hpp"
#include "warmstart/slice.hpp"

namespace warmstart {

/// Which old index each new index of a dimension takes: by a list, or by two vocabularies.
///
///     remap{.indices = {4, -1, 0}}                              new 0 is old 4, new 2 is old 0
///     remap{.old_vocabulary = "old.txt", .new_vocabulary = "new.txt"}    a token keeps its values
///
/// Those that have none (-1, a token that is not in the old vocabulary, and all from the end of the
/// list on: buckets for what is out of vocabulary) get what the variable's own initializer gives,
/// whatever an earlier call assigned. In memory of the caller's, which has none, they are left
/// alone.
struct remap {
  std::vector<std::int64_t> indices = {};
  std::string old_vocabulary = {};  ///< text files, a token of up to 1 MiB a line, 4 GiB in all
  std::string new_vocabulary = {};
  /// Only so many first lines count; of columns all do, as in TensorFlow's `warm_start`.
  std::optional<std::int64_t> old_size = {};
  std::optional<std::int64_t> new_size = {};
};

/// What happens to a tensor on its way to a variable, in this order. No pass over the data of its
/// own: it decides which bytes are read, and where each goes.
///
///     transform{.transpose = {1, 0}}
///     transform{.slice = {{0, 64}, {0, -1}}, .reshape = {{64, 4, 16}}, .transpose = {1, 0, 2}}
///     transform{.rows = remap{.old_vocabulary = "old.txt", .new_vocabulary = "new.txt"}}
struct transform {
  /// One start and length per dimension of the tensor; a length of -1: to the end. None: all.
  std::vector<slice_extent> slice = {};
  /// As many elements, in row-major order; one dimension may be -1.
  std::optional<std::vector<std::int64_t>> reshape = {};
  /// Dimension i of the result is dimension `transpose[i]` of what it is taken from.
  std::vector<int> transpose = {};
  std::optional<remap> rows = {};     ///< of dimension 0
  std::optional<remap> columns = {};  ///< of dimension 1
  std::optional<bool> cast = {};      ///< in place of `init_options::cast`
};

/// `slice 3,5:11,-1, transpose 1,0, rows old.txt to new.txt`; empty if there is nothing to do.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const transform& how);

}  // namespace warmstart

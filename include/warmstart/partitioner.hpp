#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/export.hpp"
#include "warmstart/shape.hpp"

namespace warmstart {

/// Decides into how many parts a variable is cut: given its shape and dtype, one count per
/// dimension, each at least 1 and at most one above 1, which is 2^20 at most. `get_variable` checks
/// the answer.
///
/// The three below have TensorFlow's arithmetic, bit by bit, and throw `invalid_argument` where
/// TensorFlow raises. A part's length is dim / parts, the first dim % parts of them one longer.
using partitioner = std::function<std::vector<std::int64_t>(const shape&, dtype)>;

/// min(num_shards, dim) parts along `axis`.
[[nodiscard]] WARMSTART_EXPORT partitioner fixed_size_partitioner(std::int64_t num_shards,
                                                                  int axis = 0);

/// As many parts along `axis` as keep each below `max_shard_bytes`, at most `max_shards` if given.
[[nodiscard]] WARMSTART_EXPORT partitioner variable_axis_size_partitioner(
    std::int64_t max_shard_bytes, int axis = 0, std::optional<std::int64_t> max_shards = {});

/// At most `max_partitions` parts along `axis`, none smaller than `min_slice_size` bytes.
[[nodiscard]] WARMSTART_EXPORT partitioner min_max_variable_partitioner(
    std::int64_t max_partitions = 1, int axis = 0, std::int64_t min_slice_size = 256 << 10);

/// Exactly these counts, one per dimension.
[[nodiscard]] WARMSTART_EXPORT partitioner explicit_partitioner(std::vector<std::int64_t> counts);

}  // namespace warmstart

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/export.hpp"
#include "warmstart/shape.hpp"

namespace warmstart {

/// Decides into how many parts a variable is cut. Given shape and dtype, returns one count per
/// dimension. Every count is at least 1; at most one is above 1, and that one is at most 2^20.
/// `get_variable` checks the result.
///
/// The first three partitioners below compute exactly the counts that TensorFlow computes and throw
/// `invalid_argument` where TensorFlow raises an exception. Parts have dim / parts elements along
/// the axis; the first dim % parts of them have one more.
using partitioner = std::function<std::vector<std::int64_t>(const shape&, dtype)>;

/// Cuts into min(num_shards, dim) parts along `axis`.
[[nodiscard]] WARMSTART_EXPORT partitioner fixed_size_partitioner(std::int64_t num_shards,
                                                                  int axis = 0);

/// The smallest number of parts along `axis` that keeps each within `max_shard_bytes`; at most
/// `max_shards` if given.
[[nodiscard]] WARMSTART_EXPORT partitioner variable_axis_size_partitioner(
    std::int64_t max_shard_bytes, int axis = 0, std::optional<std::int64_t> max_shards = {});

/// At most `max_partitions` parts along `axis`, none smaller than `min_slice_size` bytes.
[[nodiscard]] WARMSTART_EXPORT partitioner min_max_variable_partitioner(
    std::int64_t max_partitions = 1, int axis = 0, std::int64_t min_slice_size = 256 << 10);

/// Exactly these counts, one per dimension.
[[nodiscard]] WARMSTART_EXPORT partitioner explicit_partitioner(std::vector<std::int64_t> counts);

}  // namespace warmstart

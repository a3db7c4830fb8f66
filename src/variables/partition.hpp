#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/partitioner.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// Asks the partitioner, and throws `invalid_argument` unless its answer is one count per
/// dimension, each at least 1, at most one above 1, none above its dimension. `name` is for the
/// message.
[[nodiscard]] std::vector<std::int64_t> count_parts(const partitioner& ask, const std::string& name,
                                                    const shape& full_shape, dtype type);

/// The parts, in order: explicit slices of near equal length, the first ones longer by one where
/// the dimension does not divide. Requires counts from `count_parts`.
[[nodiscard]] std::vector<slice> cut_into_parts(const shape& full_shape,
                                                const std::vector<std::int64_t>& counts);

}  // namespace warmstart::detail

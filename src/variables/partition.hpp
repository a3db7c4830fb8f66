#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/partitioner.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// Calls the partitioner and checks its result: one count per dimension, each at least 1 and not
/// above its dimension, at most one above 1. Throws `invalid_argument` otherwise. `name` is used in
/// messages.
[[nodiscard]] std::vector<std::int64_t> count_parts(const partitioner& ask, const std::string& name,
                                                    const shape& full_shape, dtype type);

/// The parts in order: explicit slices whose lengths differ by at most one, the longer ones first.
/// Requires counts from `count_parts`.
[[nodiscard]] std::vector<slice> cut_into_parts(const shape& full_shape,
                                                const std::vector<std::int64_t>& counts);

}  // namespace warmstart::detail

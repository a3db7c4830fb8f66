#pragma once

#include <cstddef>
#include <string>

#include "variables/variable_state.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart::detail {

/// Implements `get_variable` for a full name, after scope defaults have been applied. Throws
/// `invalid_argument`.
variable get_or_make_variable(store_state& store, const std::string& name, const shape& shape,
                              const variable_options& options, reuse_mode reuse);

/// Creates a variable in the caller's memory, which holds the box `box` of shape `full_shape`.
/// Throws `invalid_argument`, or `mismatch` if the box exceeds the shape.
variable wrap_variable(store_state& store, const std::string& name, const shape& full_shape,
                       const slice& box, dtype type, void* data, std::size_t size_bytes,
                       const device& device);

}  // namespace warmstart::detail

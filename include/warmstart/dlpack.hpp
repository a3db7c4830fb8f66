#pragma once

#include <cstddef>
#include <string_view>

#include "warmstart/variable_store.hpp"

struct DLManagedTensor;  // <dlpack/dlpack.h>

namespace warmstart {

// DLPack's unversioned struct, in both directions. Type codes that DLPack 0.6 lacks (bool 6, the
// float8 family 10 to 14) are understood and written, too.

/// A variable in the memory of `tensor`, which the store takes over and deletes when the variable
/// goes. Throws `invalid_argument` (and leaves `tensor` to the caller) unless it is row-major and
/// dense, of a dtype of ours with one lane, on the host or a CUDA device.
variable wrap_dlpack(variable_store& store, std::string_view name, DLManagedTensor* tensor);

/// A tensor that shares the memory of `v` (not partitioned, and allocated) and keeps it alive until
/// its deleter is called, which any thread may do. Blocks until the values of a load that was
/// ordered in a stream have arrived. The caller owns the tensor. Throws `invalid_argument` for
/// dtypes that DLPack cannot express, `device` if the device was lost.
[[nodiscard]] DLManagedTensor* to_dlpack(const variable& v, std::size_t replica = 0);

}  // namespace warmstart

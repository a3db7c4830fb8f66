#pragma once

#include <cstddef>
#include <string_view>

#include "warmstart/export.hpp"
#include "warmstart/variable_store.hpp"

struct DLManagedTensor;           // <dlpack/dlpack.h>
struct DLManagedTensorVersioned;  // DLPack 1.0 and later

namespace warmstart {

// Import and export of DLPack tensors, versioned (1.x) and unversioned. Type codes that DLPack 0.6
// lacks (bool and the float8 family) are supported in both directions.

/// Creates a variable in the memory of `tensor`. The store takes ownership and calls the tensor's
/// deleter when the variable is destroyed. `tensor` must be row-major and dense, have a dtype of
/// `warmstart::dtype` with one lane, and lie on the host or a CUDA device; otherwise throws
/// `invalid_argument`, and the caller keeps ownership.
WARMSTART_EXPORT variable wrap_dlpack(variable_store& store, std::string_view name,
                                      DLManagedTensor* tensor);
/// The same for a versioned tensor. Also throws `invalid_argument` for read-only tensors and for
/// major versions other than 1.
WARMSTART_EXPORT variable wrap_dlpack(variable_store& store, std::string_view name,
                                      DLManagedTensorVersioned* tensor);

variable wrap_dlpack(variable_store& store, std::string_view name, std::nullptr_t) = delete;

/// Returns a tensor that shares the memory of `v` and keeps it alive until the tensor's deleter is
/// called, on any thread. The caller owns the tensor. Blocks until the values of a stream-ordered
/// load have arrived. Throws `invalid_argument` if `v` is partitioned or not allocated, or if
/// DLPack cannot express its dtype; throws `device` if the device is lost.
[[nodiscard]] WARMSTART_EXPORT DLManagedTensor* to_dlpack(const variable& v,
                                                          std::size_t replica = 0);
/// The same as a tensor of DLPack version 1.0. Its `strides` are set unless it is a scalar.
[[nodiscard]] WARMSTART_EXPORT DLManagedTensorVersioned* to_dlpack_versioned(
    const variable& v, std::size_t replica = 0);

}  // namespace warmstart

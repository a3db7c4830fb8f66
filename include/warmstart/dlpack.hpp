#pragma once

#include <cstddef>
#include <string_view>

#include "warmstart/export.hpp"
#include "warmstart/variable_store.hpp"

struct DLManagedTensor;           // <dlpack/dlpack.h>
struct DLManagedTensorVersioned;  // the same, of DLPack 1.0 and later

namespace warmstart {

// DLPack's structs, versioned (1.x) and not, in both directions. Type codes that DLPack 0.6 lacks
// (bool, the float8 family) are understood and written as well.

/// A variable in the memory of `tensor`, which the store takes over and deletes when the variable
/// goes. Throws `invalid_argument` (and leaves `tensor` to the caller) unless it is row-major and
/// dense, of a dtype of ours with one lane, on the host or a CUDA device.
WARMSTART_EXPORT variable wrap_dlpack(variable_store& store, std::string_view name,
                                      DLManagedTensor* tensor);
/// The same. Refuses read-only tensors, and other major versions than 1.
WARMSTART_EXPORT variable wrap_dlpack(variable_store& store, std::string_view name,
                                      DLManagedTensorVersioned* tensor);

variable wrap_dlpack(variable_store& store, std::string_view name, std::nullptr_t) = delete;

/// A tensor that shares the memory of `v` (not partitioned, and allocated) and keeps it alive until
/// its deleter is called, which any thread may do. Blocks until the values of a load that was
/// ordered in a stream have arrived. The caller owns the tensor. Throws `invalid_argument` for
/// dtypes that DLPack cannot express, `device` if the device was lost.
[[nodiscard]] WARMSTART_EXPORT DLManagedTensor* to_dlpack(const variable& v,
                                                          std::size_t replica = 0);
/// The same of version 1.0. Strides are given, but for scalars.
[[nodiscard]] WARMSTART_EXPORT DLManagedTensorVersioned* to_dlpack_versioned(
    const variable& v, std::size_t replica = 0);

}  // namespace warmstart

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/export.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/variable.hpp"

namespace warmstart::testkit {

/// A tensor in the memory of a device, row-major and dense, of any alignment. Does not own it.
///
///     resident_tensor{.data = weights, .type = dtype::float32, .of = {20, 2}, .where = "cuda:0"}
///
/// What is done with one throws `invalid_argument` if `data` is null and there are elements, or if
/// those have no fixed size, and `device` if the device is not there or fails. That the memory is
/// that device's can not be checked.
struct resident_tensor {
  void* data = nullptr;
  dtype type = dtype::invalid;
  shape of = {};
  device where = {};
  /// A `cudaStream_t` of that device: what is queued there comes first. Null is the default stream,
  /// and so every stream that takes turns with it (not those made with `cudaStreamNonBlocking`).
  void* stream = nullptr;
  std::string name = {};  ///< for messages; may be empty
};

/// One copy of a variable, or of a part. Throws `invalid_argument` for a partitioned variable, a
/// replica that is not there, and while there is no memory.
[[nodiscard]] WARMSTART_EXPORT resident_tensor resident(const variable& v, std::size_t replica = 0);

/// An element, and in which memory it is.
struct element_place {
  /// In the variable, for one of its parts; else in the tensor.
  std::vector<std::int64_t> index = {};
  std::string name = {};  ///< of the variable, part or tensor
  device where = {};

  friend bool operator==(const element_place&, const element_place&) = default;
};

/// `[1,2] of w/part_0 on cuda:0`; without a name `[1,2] on cuda:0`.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const element_place& place);

}  // namespace warmstart::testkit

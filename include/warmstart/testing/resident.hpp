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

/// A tensor in the memory of a device: row-major, dense, with any alignment. Does not own the
/// memory.
///
///     resident_tensor memory{
///         .data = weights, .type = dtype::float32, .shape = {20, 2}, .device = "cuda:0"};
///
/// Functions that take one throw `invalid_argument` if `data` is null although there are elements,
/// or if elements have no fixed size, and `device` if the device does not exist or fails. They
/// cannot check that the memory belongs to the device.
struct resident_tensor {
  void* data = nullptr;
  dtype type = dtype::invalid;
  warmstart::shape shape = {};
  warmstart::device device = {};
  /// A `cudaStream_t` of that device. Work queued in it is completed before the memory is accessed.
  /// Null is the legacy default stream, which also waits for all streams that were not created with
  /// `cudaStreamNonBlocking`.
  void* stream = nullptr;
  std::string name = {};  ///< used in messages; may be empty
};

/// One replica of a variable or part. Throws `invalid_argument` if the variable is partitioned, if
/// `replica` is out of range, or if no memory has been allocated.
[[nodiscard]] WARMSTART_EXPORT resident_tensor resident(const variable& v, std::size_t replica = 0);

/// Position of an element.
struct element_place {
  /// Index in the whole variable if the memory is one of its parts, else in the tensor.
  std::vector<std::int64_t> index = {};
  std::string name = {};  ///< name of the variable, part or tensor
  warmstart::device device = {};

  friend bool operator==(const element_place&, const element_place&) = default;
};

/// `[1,2] of w/part_0 on cuda:0`; without a name `[1,2] on cuda:0`.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const element_place& place);

}  // namespace warmstart::testkit

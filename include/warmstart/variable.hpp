#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/export.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart {

namespace detail {
class variable_access;
struct variable_state;
}  // namespace detail

/// Position of a part in the full variable.
struct WARMSTART_EXPORT slice_info {
  std::string full_name = {};  ///< without `/part_N`
  shape full_shape = {};
  warmstart::slice slice = {};  ///< the part's slice; explicit

  /// TensorFlow's spelling: the full dimensions, then "offset,length" for each dimension, as in
  /// `100 64 34,33:0,64`.
  [[nodiscard]] std::string spec() const;
};

/// A handle to a variable of a `variable_store`: a whole one, partitioned or not, or one part.
///
///     whole, not partitioned     name()  scope/v            parts()  itself
///     whole, partitioned                 scope/v                     scope/v/part_0, part_1, ...
///     part                               scope/v/part_1              itself
///
/// Handles are cheap to copy and keep the variable's memory alive. The first `run_initializers`
/// allocates the memory; wrapped memory exists from the start. Not thread safe, like the store.
class WARMSTART_EXPORT variable {
 public:
  /// No move operations: a handle always refers to a variable.
  variable(const variable&) = default;
  variable& operator=(const variable&) = default;

  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] dtype type() const noexcept;
  /// Shape of the whole variable; of a part or a wrapped box, the shape of what it holds.
  [[nodiscard]] const warmstart::shape& shape() const noexcept;
  [[nodiscard]] std::int64_t size_bytes() const noexcept;
  [[nodiscard]] bool is_partitioned() const noexcept;
  [[nodiscard]] bool is_part() const noexcept;
  [[nodiscard]] std::vector<variable> parts() const;
  /// Position of this part or wrapped box; the slice of any other variable covers all of it. Throws
  /// `invalid_argument` for a partitioned variable.
  [[nodiscard]] slice_info info() const;

  /// The devices of the replicas: one unless the variable is replicated. This and the functions
  /// below throw `invalid_argument` for a partitioned variable.
  [[nodiscard]] std::vector<device> devices() const;
  /// Device memory, row-major. The pointer stays valid while a handle exists. Throws
  /// `invalid_argument` if no memory has been allocated or `replica` is out of range.
  [[nodiscard]] void* data(std::size_t replica = 0) const;
  /// The same as a typed pointer. Throws `mismatch` if the variable has another dtype.
  template <class Element>
  requires(dtype_of<Element> != dtype::invalid)
      [[nodiscard]] Element* data(std::size_t replica = 0) const {
    require_type(dtype_of<Element>);
    return static_cast<Element*>(data(replica));
  }
  /// True once the variable's initializer has run. After a stream-ordered load: once all of its
  /// work is queued, so that work queued in that stream afterwards sees the values. A later run
  /// that initializes the variable again resets it to false until that run ends.
  [[nodiscard]] bool is_initialized(std::size_t replica = 0) const;
  /// Whether the variable is initialized and its values have arrived. Does not block.
  [[nodiscard]] bool is_ready(std::size_t replica = 0) const;
  /// Blocks until the values have arrived; after a stream-ordered load, until the stream has
  /// executed the load's work. Throws `invalid_argument` if the variable is not initialized and
  /// `device` if the device is lost.
  void wait(std::size_t replica = 0) const;

  friend bool operator==(const variable&, const variable&) = default;

 private:
  friend class detail::variable_access;
  void require_type(dtype wanted) const;
  explicit variable(std::shared_ptr<detail::variable_state> state, int part)
      : state_(std::move(state)), part_(part) {}

  std::shared_ptr<detail::variable_state> state_;
  int part_;  ///< -1: the whole variable
};

}  // namespace warmstart

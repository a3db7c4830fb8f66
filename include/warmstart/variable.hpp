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

/// Where a part lies in the full variable.
struct WARMSTART_EXPORT slice_info {
  std::string full_name = {};  ///< without `/part_N`
  shape full_shape = {};
  slice where = {};  ///< explicit

  /// TensorFlow's spelling: full dimensions, a space, then "offset,length" per dimension, as in
  /// `100 64 34,33:0,64`.
  [[nodiscard]] std::string spec() const;
};

/// A handle to a variable of a `variable_store`: a whole one, partitioned or not, or one part.
///
///     whole, not partitioned     name()  scope/v            parts()  itself
///     whole, partitioned                 scope/v                     scope/v/part_0, part_1, ...
///     part                               scope/v/part_1              itself
///
/// Handles are cheap to copy and keep the variable's memory alive. Memory is there from the first
/// `run_initializers` on (for wrapped memory: always). Not thread safe, as the store.
class WARMSTART_EXPORT variable {
 public:
  /// Copied, not moved: a handle always names a variable.
  variable(const variable&) = default;
  variable& operator=(const variable&) = default;

  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] dtype type() const noexcept;
  /// The full variable's shape, or the part's.
  [[nodiscard]] const shape& own_shape() const noexcept;
  [[nodiscard]] std::int64_t size_bytes() const noexcept;
  [[nodiscard]] bool is_partitioned() const noexcept;
  [[nodiscard]] bool is_part() const noexcept;
  [[nodiscard]] std::vector<variable> parts() const;
  /// Of a part; of a whole variable that is not partitioned, the slice covers it.
  /// Throws `invalid_argument` for a partitioned variable.
  [[nodiscard]] slice_info info() const;

  /// Devices that hold a copy, one unless replicated. Throws for a partitioned variable, as do the
  /// functions below.
  [[nodiscard]] std::vector<device> devices() const;
  /// Device memory, row-major. Throws `invalid_argument` while it does not exist.
  [[nodiscard]] void* data(std::size_t replica = 0) const;
  /// The same with the type of its elements. Throws `mismatch` if they are of another dtype.
  template <class Element>
  requires(dtype_of<Element> != dtype::invalid)
      [[nodiscard]] Element* data(std::size_t replica = 0) const {
    require_type(dtype_of<Element>);
    return static_cast<Element*>(data(replica));
  }
  /// True once its initializer has run. After a load that was ordered in a stream of the caller's:
  /// once all of its work is queued, so that what is queued in that stream from then on finds the
  /// values. False again from the start of a later run that touches the variable until its end.
  [[nodiscard]] bool is_initialized(std::size_t replica = 0) const;
  /// Whether it is initialized and its values have arrived. Does not wait.
  [[nodiscard]] bool is_ready(std::size_t replica = 0) const;
  /// Blocks until its values have arrived, which after a load that was ordered in a stream is when
  /// that stream has got there. Throws `invalid_argument` if it is not initialized, `device` if the
  /// device was lost.
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

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/export.hpp"
#include "warmstart/initializer.hpp"
#include "warmstart/memory.hpp"
#include "warmstart/partitioner.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/variable.hpp"

namespace warmstart {

namespace detail {
struct store_state;
}  // namespace detail

/// The devices of a variable's parts. An empty list means the store's default device.
struct placement {
  enum class rule { round_robin, replicated };
  rule distribution = rule::round_robin;
  std::vector<device> devices = {};
};

/// Part i is on devices[i % n]; an unpartitioned variable is on the first device.
[[nodiscard]] WARMSTART_EXPORT placement round_robin(std::vector<device> devices);
/// Every device holds a replica of the whole variable or of each part.
[[nodiscard]] WARMSTART_EXPORT placement replicated(std::vector<device> devices);

/// Whether `get_variable` creates variables or returns existing ones, by TensorFlow's rules:
/// `create` refuses names that exist, `reuse` refuses names that do not, `automatic` accepts both.
/// Inner scopes inherit the mode; within a scope in `reuse` mode all scopes reuse.
enum class reuse_mode { create, reuse, automatic };

struct variable_options {
  dtype type = dtype::float32;
  /// Default: the scope's initializer, else Glorot uniform for floating-point types and zeros for
  /// others.
  std::optional<warmstart::initializer> initializer = {};
  /// Default: the scope's partitioner, else none. Ignored for scalars.
  std::optional<warmstart::partitioner> partitioner = {};
  /// In place of a partitioner: the parts themselves, `name/part_0` and so on. They may be any
  /// boxes, overlap, and leave elements out, which other processes have. Each takes its own slice
  /// of a tensor that has the shape of the whole variable.
  std::vector<slice> slices = {};
  warmstart::placement placement = {};
  std::shared_ptr<memory_resource> memory = {};  ///< null: the store's resource
};

struct scope_options {
  std::optional<warmstart::initializer> initializer = {};  ///< default for variables in the scope
  std::optional<warmstart::partitioner> partitioner = {};  ///< default for variables in the scope
  reuse_mode reuse = reuse_mode::create;
};

class variable_scope;

/// Named variables, in the order of their creation. Assignment maps refer to them by name.
///
///     variable_store vars{"cuda:0"};
///     auto layer = vars.scope("encoder").scope("layer_0", {.initializer = zeros()});
///     variable kernel = layer.get_variable("kernel", {1024, 1024});   // encoder/layer_0/kernel
///
/// A handle: copies share the same variables, which live as long as a copy, a scope or a `variable`
/// exists. A moved-from store throws `invalid_argument`. Not thread safe: only one thread at a time
/// may use a store, its scopes and its variables.
class WARMSTART_EXPORT variable_store {
 public:
  explicit variable_store(device default_device = device::best(),
                          std::shared_ptr<memory_resource> memory = default_memory_resource());

  [[nodiscard]] variable_scope scope(std::string_view name, scope_options options = {}) const;

  /// Creates a variable in the root scope. Throws `invalid_argument` if a variable, partitioned
  /// variable or part of that name exists, or if the partitioner's result is invalid, and
  /// `mismatch` if a slice exceeds the shape.
  variable get_variable(std::string_view name, const shape& shape,
                        const variable_options& options = {});

  /// Creates a variable in memory that the caller owns and keeps alive: row-major, with any
  /// alignment, and exactly the `size_bytes` that `shape` and `type` need. The variable has no
  /// initializer: its bytes stay unchanged until a checkpoint initializes it.
  variable wrap(std::string_view name, const shape& shape, dtype type, void* data,
                std::size_t size_bytes, const device& device);
  /// The same; the variable also holds `owner`, which keeps the memory alive. It is released by the
  /// thread that drops the last handle of the variable.
  variable wrap(std::string_view name, const shape& shape, dtype type, void* data,
                std::size_t size_bytes, const device& device, std::shared_ptr<void> owner);
  /// The same for memory that holds the box `box` of a variable of shape `full_shape`, as a process
  /// holds its shard of a tensor. Shapes in maps and messages are those of the full variable, and a
  /// load reads the bytes of the box. Throws `mismatch` if the box exceeds the shape.
  variable wrap(std::string_view name, const shape& full_shape, const slice& box, dtype type,
                void* data, std::size_t size_bytes, const device& device,
                std::shared_ptr<void> owner = {});
  /// The same; dtype and size are those of the span.
  template <class Element, std::size_t Extent>
  requires(dtype_of<Element> != dtype::invalid) variable
      wrap(std::string_view name, const shape& shape, std::span<Element, Extent> memory,
           const device& device = device::host()) {
    return wrap(name, shape, dtype_of<Element>, memory.data(), memory.size_bytes(), device);
  }

  /// Removes a variable from the store: its name becomes free, and maps and loads no longer find
  /// it. Its memory lives until the last handle is destroyed. Takes time proportional to the number
  /// of variables. Throws `invalid_argument` for a part or a variable of another store.
  void erase(const variable& v);
  /// Makes the variable's own initializer pending again and drops assignments from checkpoints; the
  /// next run initializes the variable again, in the same memory. A wrapped variable is left
  /// unchanged. Throws like `erase`.
  void reset(const variable& v);

  /// The variable, partitioned variable or part with that name, or nothing.
  [[nodiscard]] std::optional<variable> find(std::string_view name) const;
  /// All variables, oldest first. A partitioned variable is listed once, under its full name.
  [[nodiscard]] std::vector<variable> variables() const;

 private:
  friend class detail::variable_access;
  friend class variable_scope;
  std::shared_ptr<detail::store_state> state_;
};

/// A name prefix with defaults for the variables created in it. A value that needs no closing.
class WARMSTART_EXPORT variable_scope {
 public:
  /// No move operations: a scope always belongs to a store.
  variable_scope(const variable_scope&) = default;
  variable_scope& operator=(const variable_scope&) = default;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] variable_scope scope(std::string_view name, scope_options options = {}) const;
  /// The variable `scope/name`. An empty `name` results in `scope/`, which optimizer slots use.
  ///
  /// If the variable exists and is reused, shape and dtype must be equal, and so must the parts if
  /// a partitioner is given; other options are ignored. Throws `invalid_argument` if they differ or
  /// if the reuse mode forbids the call.
  variable get_variable(std::string_view name, const shape& shape,
                        const variable_options& options = {}) const;

 private:
  friend class variable_store;
  variable_scope(std::shared_ptr<detail::store_state> store, std::string name,
                 scope_options options)
      : store_(std::move(store)), name_(std::move(name)), options_(std::move(options)) {}

  std::shared_ptr<detail::store_state> store_;
  std::string name_;
  scope_options options_;
};

}  // namespace warmstart

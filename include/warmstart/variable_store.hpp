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
#include "warmstart/variable.hpp"

namespace warmstart {

namespace detail {
struct store_state;
}  // namespace detail

/// Where a variable's parts live. Empty: on the store's default device.
struct placement {
  enum class rule { round_robin, replicated };
  rule how = rule::round_robin;
  std::vector<device> devices = {};
};

/// Part i on devices[i % n]; an unpartitioned variable on the first.
[[nodiscard]] WARMSTART_EXPORT placement round_robin(std::vector<device> devices);
/// The whole variable, or each part, on every one of them.
[[nodiscard]] WARMSTART_EXPORT placement replicated(std::vector<device> devices);

/// Whether `get_variable` makes variables or finds them. TensorFlow's rules: `create` refuses names
/// that exist, `reuse` those that do not, `automatic` does what fits. Inner scopes inherit it; once
/// a scope reuses, everything within does.
enum class reuse_mode { create, reuse, automatic };

struct variable_options {
  dtype type = dtype::float32;
  /// Default: the scope's, else Glorot uniform for floats and zeros for the others.
  std::optional<warmstart::initializer> initializer = {};
  /// Default: the scope's, else none. Ignored for scalars.
  std::optional<warmstart::partitioner> partitioner = {};
  warmstart::placement placement = {};
  std::shared_ptr<memory_resource> memory = {};  ///< default: the store's
};

struct scope_options {
  std::optional<warmstart::initializer> initializer = {};  ///< default within
  std::optional<warmstart::partitioner> partitioner = {};  ///< default within
  reuse_mode reuse = reuse_mode::create;
};

class variable_scope;

/// Named variables, in the order of their creation: what assignment maps speak about.
///
///     variable_store vars{"cuda:0"};
///     auto layer = vars.scope("encoder").scope("layer_0", {.initializer = zeros()});
///     variable kernel = layer.get_variable("kernel", {1024, 1024});   // encoder/layer_0/kernel
///
/// A handle: copies name the same variables, which live as long as one of them, a scope or a
/// `variable` does. A store that was moved from throws `invalid_argument`. Not thread safe: one
/// thread at a time uses a store and what came from it.
class WARMSTART_EXPORT variable_store {
 public:
  explicit variable_store(device default_device = device::best(),
                          std::shared_ptr<memory_resource> memory = default_memory_resource());

  [[nodiscard]] variable_scope scope(std::string_view name, scope_options options = {}) const;

  /// `get_variable` of the root scope, in `create` mode. Throws `invalid_argument` if the name
  /// exists (as a variable, a partitioned one or a part), or the partitioner's answer does not fit.
  variable get_variable(std::string_view name, const shape& of,
                        const variable_options& options = {});

  /// A variable in memory that the caller owns and keeps alive: row-major, `size_bytes` long,
  /// exactly what `of` and `type` need. Any alignment. It has no initializer of its own: until a
  /// checkpoint initializes it, its bytes are left alone.
  variable wrap(std::string_view name, const shape& of, dtype type, void* data,
                std::size_t size_bytes, const device& where);
  /// The same with the dtype and the size of a span.
  template <class Element, std::size_t Extent>
  requires(dtype_of<Element> != dtype::invalid) variable
      wrap(std::string_view name, const shape& of, std::span<Element, Extent> memory,
           const device& where = device::host()) {
    return wrap(name, of, dtype_of<Element>, memory.data(), memory.size_bytes(), where);
  }

  /// Removes a variable: its name is free, and maps and loads reach it no more. Its memory lives
  /// until the last handle goes. Takes time in proportion to the number of variables. Throws
  /// `invalid_argument` for a part, or a variable of another store.
  void erase(const variable& v);
  /// Makes a variable's own initializer pending again, and forgets what checkpoints were to give
  /// it: the next run initializes it anew, in the same memory. A wrapped variable is left alone.
  /// Throws as `erase`.
  void reset(const variable& v);

  /// The variable, partitioned variable or part of that name.
  [[nodiscard]] std::optional<variable> find(std::string_view name) const;
  /// All variables (a partitioned one once, under its full name), oldest first.
  [[nodiscard]] std::vector<variable> variables() const;

 private:
  friend class detail::variable_access;
  friend class variable_scope;
  std::shared_ptr<detail::store_state> state_;
};

/// A prefix for names, with defaults for what is made within. A value; nothing to close.
class WARMSTART_EXPORT variable_scope {
 public:
  /// Copied, not moved: a scope always belongs to a store.
  variable_scope(const variable_scope&) = default;
  variable_scope& operator=(const variable_scope&) = default;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] variable_scope scope(std::string_view name, scope_options options = {}) const;
  /// The variable `scope/name` (an empty `name` makes `scope/`, as optimizer slots have it).
  ///
  /// Where a variable is reused, shape and dtype must agree, and so must the parts if a partitioner
  /// is given; the other options are ignored. Throws `invalid_argument`.
  variable get_variable(std::string_view name, const shape& of,
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

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/assignment.hpp"
#include "model/catalog.hpp"
#include "model/completion.hpp"
#include "model/variable_index.hpp"
#include "model/variable_info.hpp"
#include "tensor/fill.hpp"
#include "variables/opened_checkpoints.hpp"
#include "warmstart/initializer.hpp"
#include "warmstart/memory.hpp"
#include "warmstart/variable.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart::detail {

/// What a run keeps of itself for `verify`; only load, which derives from it, looks inside.
class kept_record {
 public:
  virtual ~kept_record() = default;

 protected:
  kept_record() = default;
  kept_record(const kept_record&) = default;
  kept_record(kept_record&&) = default;
  kept_record& operator=(const kept_record&) = default;
  kept_record& operator=(kept_record&&) = default;
};

/// The tensor that will initialize a part. Elements are converted if the dtypes differ.
struct pending_load {
  std::shared_ptr<const catalog> source;
  std::string checkpoint;                    ///< as the caller spelled it
  std::uint32_t tensor = 0;                  ///< index into the catalog's tensors
  slice wanted;                              ///< within the tensor or the view's result
  std::shared_ptr<const detail::view> view;  ///< null: the tensor without a view
  std::string transform;                     ///< description of the transform
};

/// A replica of a part on one device.
struct replica_state {
  warmstart::device device;
  std::byte* data = nullptr;
  std::shared_ptr<memory_resource> owner;  ///< null for the caller's memory, and before allocation
  std::function<void()> release;           ///< releases imported memory (DLPack); may be empty
  bool initialized = false;
  /// Complete when the values have arrived; null if they have. Wait for it before accessing the
  /// memory.
  std::shared_ptr<const completion> ready;
  /// Of the last run that wrote the replica; null if none.
  std::shared_ptr<const kept_record> record;
  std::uint32_t record_row = 0;  ///< index of the replica's row in `record`
};

struct part_state {
  std::string name;
  warmstart::slice slice;  ///< explicit, within the full shape
  warmstart::shape shape;
  std::vector<replica_state> replicas;
  std::optional<pending_load> load;  ///< empty if the variable's own initializer is used
  std::string kept_from;  ///< checkpoint, as spelled, of the call that left the part unchanged
  std::string kept_why;   ///< why its tensor there does not fit; empty if it is missing
  bool pending = true;    ///< the initializer has not run since it was set
};

struct variable_state {
  variable_state() = default;
  variable_state(const variable_state&) = delete;
  variable_state& operator=(const variable_state&) = delete;
  ~variable_state();  ///< frees the memory

  /// True if the variable's own initializer does not write to its memory.
  [[nodiscard]] bool is_left_alone() const noexcept {
    return !memory || init.type == initializer::kind::uninitialized;
  }

  std::string name;
  dtype type = dtype::invalid;
  shape full_shape;
  bool partitioned = false;
  std::vector<std::int64_t> part_counts;  ///< one per dimension; empty if not partitioned
  initializer init;
  std::shared_ptr<memory_resource> memory;  ///< allocates the memory; null for the caller's memory
  std::vector<part_state> parts;            ///< at least one
};

/// A row: a replica of a part of a variable.
struct row_ref {
  variable_state* variable = nullptr;
  part_state* part = nullptr;
  replica_state* replica = nullptr;
};

struct store_state {
  device default_device;
  std::shared_ptr<memory_resource> memory;
  std::vector<std::shared_ptr<variable_state>> variables;  ///< in order of creation
  /// All rows in the order of the report (by variable in order of creation, part, replica), and all
  /// used names.
  variable_index index;
  std::vector<row_ref> rows;  ///< parallel to the index's rows
  opened_checkpoints opened;  ///< opened by calls since the last run
};

/// Adds a variable. Its names must be free, and its parts and replicas must not change afterwards.
void register_variable(store_state& store, std::shared_ptr<variable_state> made);
/// Removes a variable from the store and renumbers the others.
void unregister_variable(store_state& store, const variable_state& erased);

/// All rows of a variable, or of the variable that contains part `v`. Throws `invalid_argument` if
/// the variable is not in the store.
[[nodiscard]] std::span<const std::uint32_t> rows_in(const store_state& store, const variable& v);

/// Gives the library access to the state behind public handles.
class variable_access {
 public:
  /// Throws `invalid_argument` for a moved-from store.
  static store_state& state(const variable_store& store);
  static variable_state& state(const variable& v) { return *v.state_; }
  /// Index of the part that `v` refers to, or nothing for a whole variable.
  static std::optional<int> part(const variable& v) {
    return v.part_ < 0 ? std::nullopt : std::optional(v.part_);
  }
  /// Throw `invalid_argument` if `v` is partitioned or the replica does not exist.
  static const part_state& part_state_of(const variable& v);
  static const replica_state& replica(const variable& v, std::size_t number);
  static variable handle(std::shared_ptr<variable_state> state, int part) {
    return variable(std::move(state), part);
  }
  static std::shared_ptr<variable_state> share(const variable& v) { return v.state_; }
};

/// Some rows of a store, in the store's order, as parallel lists.
struct store_rows {
  std::vector<variable_info> infos;
  std::vector<row_ref> rows;
};

/// Allocates the memory of a row that has none. Throws the resource's error; an `out_of_memory`
/// error names the variable and device.
void allocate_row(const row_ref& row);
/// Frees memory that `allocate_row` allocated. No load may still write to it.
void release_row(const row_ref& row) noexcept;

/// Resolves an initializer for a variable: computes fans and a missing seed.
[[nodiscard]] fill_spec resolve_initializer(const initializer& init, const std::string& name,
                                            const shape& full_shape);

/// TensorFlow's default: Glorot uniform for castable floating-point types, else zeros.
[[nodiscard]] initializer default_initializer(dtype type);

/// Throws `invalid_argument` if the initializer does not support the dtype or its arguments are
/// invalid.
void check_initializer(const initializer& init, const std::string& name, dtype type);

}  // namespace warmstart::detail

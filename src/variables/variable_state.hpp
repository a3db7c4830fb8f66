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

/// What will initialize a part from a checkpoint. Elements are converted where dtypes differ.
struct pending_load {
  std::shared_ptr<const catalog> source;
  std::string checkpoint;               ///< as the caller spelled it
  std::uint32_t tensor = 0;             ///< index into the catalog's tensors
  slice wanted;                         ///< within the tensor, or the view's result
  std::shared_ptr<const view> through;  ///< null: the tensor as it is
  std::string transform;                ///< what is done with it, in words
};

/// One copy of a part on one device.
struct replica_state {
  device where;
  std::byte* data = nullptr;
  std::shared_ptr<memory_resource> owner;  ///< null: the caller's memory, or not allocated yet
  std::function<void()> release;           ///< for taken-over memory (DLPack); may be empty
  bool initialized = false;
  /// Done when the values have arrived; null: they have. Whatever touches the memory waits for it.
  std::shared_ptr<const completion> ready;
  std::shared_ptr<const kept_record> record;  ///< of the run that wrote it last; null: none
  std::uint32_t record_row = 0;               ///< which row of that record it is
};

struct part_state {
  std::string name;
  slice where;  ///< explicit, within the full shape
  shape own_shape;
  std::vector<replica_state> replicas;
  std::optional<pending_load> load;  ///< empty: the variable's own initializer
  std::string kept_from;  ///< checkpoint, as spelled, in whose call it was left as it was
  std::string kept_why;   ///< why its tensor there does not fit; empty: it has none
  bool pending = true;    ///< its initializer has not run since it was set
};

struct variable_state {
  variable_state() = default;
  variable_state(const variable_state&) = delete;
  variable_state& operator=(const variable_state&) = delete;
  ~variable_state();  ///< gives memory back

  /// No initializer writes to its memory: it is the caller's, or the caller fills it.
  [[nodiscard]] bool is_left_alone() const noexcept {
    return !memory || init.type == initializer::kind::uninitialized;
  }

  std::string name;
  dtype type = dtype::invalid;
  shape full_shape;
  bool partitioned = false;
  std::vector<std::int64_t> part_counts;  ///< one per dimension; empty if not partitioned
  initializer init;
  std::shared_ptr<memory_resource> memory;  ///< what allocates; null: the caller's memory
  std::vector<part_state> parts;            ///< at least one
};

/// A row as calls see it: a replica of a part.
struct row_ref {
  variable_state* variable = nullptr;
  part_state* part = nullptr;
  replica_state* replica = nullptr;
};

struct store_state {
  device default_device;
  std::shared_ptr<memory_resource> memory;
  std::vector<std::shared_ptr<variable_state>> variables;  ///< in order of creation
  /// All rows in the order of the report (variables as created, parts, replicas), and every name
  /// that is taken.
  variable_index index;
  std::vector<row_ref> rows;  ///< parallel to the index's rows
  opened_checkpoints opened;  ///< by calls since the last run
};

/// Adds a variable whose names are free, and whose parts and replicas stay as they are.
void register_variable(store_state& store, std::shared_ptr<variable_state> made);
/// Removes a variable of the store, which renumbers the others.
void unregister_variable(store_state& store, const variable_state& erased);

/// All rows of a variable, or of the variable that `v` is a part of. Throws `invalid_argument` if
/// the store does not have it.
[[nodiscard]] std::span<const std::uint32_t> rows_in(const store_state& store, const variable& v);

/// How the calls reach the states behind the public handles.
class variable_access {
 public:
  /// Throws `invalid_argument` for a store that was moved from.
  static store_state& state(const variable_store& store);
  static variable_state& state(const variable& v) { return *v.state_; }
  /// The part that `v` is, or nothing if it is a whole variable.
  static std::optional<int> part(const variable& v) {
    return v.part_ < 0 ? std::nullopt : std::optional(v.part_);
  }
  /// These throw `invalid_argument` for a partitioned variable, or a replica that is not there.
  static const part_state& part_state_of(const variable& v);
  static const replica_state& replica(const variable& v, std::size_t number);
  static variable handle(std::shared_ptr<variable_state> state, int part) {
    return variable(std::move(state), part);
  }
  static std::shared_ptr<variable_state> share(const variable& v) { return v.state_; }
};

/// Some rows of a store, in its order. The two lists are parallel.
struct store_rows {
  std::vector<variable_info> infos;
  std::vector<row_ref> rows;
};

/// Gives a row without memory its memory. Throws what its resource throws, and says whose memory
/// it is that there is not.
void allocate_row(const row_ref& row);
/// Gives back what `allocate_row` got. No load may write there any more.
void release_row(const row_ref& row) noexcept;

/// What the initializer means for a variable: fans and a missing seed resolved.
[[nodiscard]] fill_spec resolve_initializer(const initializer& init, const std::string& name,
                                            const shape& full_shape);

/// TensorFlow's default: Glorot uniform for floats (of those that can be converted to), else zeros.
[[nodiscard]] initializer default_initializer(dtype type);

/// Throws `invalid_argument` if the initializer can not make elements of that type.
void check_initializer(const initializer& init, const std::string& name, dtype type);

}  // namespace warmstart::detail

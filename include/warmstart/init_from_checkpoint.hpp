#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"
#include "warmstart/file_system.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/transform.hpp"
#include "warmstart/variable.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {

/// What an entry points at: the name of a variable or scope, a variable, or a list of parts (as
/// variables or by name).
using assignment_target =
    std::variant<std::string, variable, std::vector<variable>, std::vector<std::string>>;

struct assignment_entry {
  assignment_entry(std::string_view tensor_name, assignment_target to, transform changes = {})
      : tensor(tensor_name), target(std::move(to)), how(std::move(changes)) {}
  assignment_entry(std::string_view tensor_name, const char* name, transform changes = {})
      : assignment_entry(tensor_name, assignment_target(std::string(name)), std::move(changes)) {}
  assignment_entry(std::string_view tensor_name, const std::string& name, transform changes = {})
      : assignment_entry(tensor_name, assignment_target(name), std::move(changes)) {}
  assignment_entry(std::string_view tensor_name, std::string_view name, transform changes = {})
      : assignment_entry(tensor_name, assignment_target(std::string(name)), std::move(changes)) {}
  /// Parts by name.
  assignment_entry(std::string_view tensor_name, std::initializer_list<std::string> names,
                   transform changes = {})
      : assignment_entry(tensor_name, assignment_target(std::vector<std::string>(names)),
                         std::move(changes)) {}

  std::string tensor;  ///< any of its names (`checkpoint`), or a scope, with a `/` at the end
  assignment_target target;
  transform how;  ///< what is done with each tensor
};

/// Which tensor initializes which variable.
///
///     {"old/", "new/"}           every variable of scope new/ from the tensor of that name in old/
///     {"old/x", "new/y"}         variable new/y (all parts, if it is partitioned) from tensor
///     old/x
///     {"old/x", y}               the variable y
///     {"old/x", y.parts()}       these parts, each from its own slice of the tensor
///     {"old/x", {"new/y/part_0", "new/y/part_1"}}     the same by name
///     {"/", "new/"}              scope new/ from the checkpoint's root; {"/", "/"}: everything
///     {"layer_{n}/w", "b/{n}/w", {.transpose = {1, 0}}}     b/0/w from layer_0/w, transposed, and
///                                                           so on
///
/// `{word}` stands for one or more characters other than `/` and `.`, the same ones wherever it
/// occurs, in names and scopes; a name that is there literally goes first. As with scopes, the
/// variables that match decide, and each needs its tensor.
///
/// In an object-based (TF2) checkpoint each tensor has several names (`checkpoint`); a scope's
/// tensors are found by any of them.
///
/// One tensor may appear in several entries. Entries are applied in the byte order of their tensors
/// (equal ones as listed); of two that reach the same variable the later one counts.
class assignment_map {
 public:
  assignment_map() = default;
  assignment_map(std::initializer_list<assignment_entry> entries) : entries_(entries) {}
  explicit assignment_map(std::vector<assignment_entry> entries) : entries_(std::move(entries)) {}
  /// From pairs of a tensor and a target: a `std::map`, a `std::unordered_map`, a vector of pairs.
  template <class Pairs>
  requires std::ranges::input_range<const Pairs&> &&
      requires(std::ranges::range_reference_t<const Pairs&> one) {
    assignment_entry(one.first, one.second);
  }
  assignment_map(const Pairs& pairs) {
    for (const auto& [tensor, target] : pairs) entries_.emplace_back(tensor, target);
  }

  void add(assignment_entry entry) { entries_.push_back(std::move(entry)); }
  template <class Target>
  requires std::constructible_from<assignment_entry, std::string_view, Target, transform>
  void add(std::string_view tensor, Target&& target, transform how = {}) {
    entries_.emplace_back(tensor, std::forward<Target>(target), std::move(how));
  }
  /// Parts by name.
  void add(std::string_view tensor, std::initializer_list<std::string> names, transform how = {}) {
    entries_.emplace_back(tensor, names, std::move(how));
  }
  [[nodiscard]] const std::vector<assignment_entry>& entries() const noexcept { return entries_; }

 private:
  std::vector<assignment_entry> entries_;
};

struct init_options {
  enum class missing_tensor {
    error,
    keep,  ///< the variable keeps what an earlier call assigned, else its own initializer
  };
  missing_tensor missing = missing_tensor::error;
  /// What happens to a variable whose tensor has another shape or dtype.
  enum class mismatched_tensor {
    error,
    keep,  ///< as with a missing tensor: for new heads on old encoders
  };
  mismatched_tensor mismatched = mismatched_tensor::error;
  /// Variables, and scopes with a `/` at the end, that the map's scopes and patterns leave out:
  /// they stay as they are. Entries that name a variable reach it all the same. A name that fits no
  /// variable is an error.
  std::vector<std::string> except = {};
  bool allow_empty_scope = false;  ///< a scope or pattern that matches no variable is no error
  bool cast = false;               ///< convert where dtypes differ and both are numeric
  std::string format = {};         ///< empty: found out from the files
  std::shared_ptr<const file_system> files = {};  ///< where `path` is; null: the operating system
};

/// One part (or replica) and what will initialize it.
struct resolved_assignment {
  std::string variable = {};              ///< the part's name, if it is one
  std::string full_name = {};             ///< of the whole variable
  std::optional<std::int64_t> part = {};  ///< its number among the parts
  device where = {};
  std::string tensor = {};  ///< its key, however the map named it
  slice of_tensor = {};     ///< explicit; where the tensor is transformed, within what comes of it
  std::int64_t size_bytes = 0;
  std::string transform = {};  ///< what is done with the tensor, in words; empty: nothing
  std::size_t entry = 0;       ///< position in the map's entries
};

/// A variable or part that a call left as it was.
struct kept_variable {
  std::string variable = {};
  std::string checkpoint = {};  ///< as spelled
  std::string reason = {};      ///< why its tensor does not fit; empty: it has none there
};

/// A name in a map that several tensors of an object-based checkpoint have.
struct ambiguous_name {
  std::string name = {};
  std::string tensor = {};  ///< the one that it means, by its key
  std::int64_t others = 0;  ///< tensors that have it, too
};

/// What a call decided. Printing it shows who gets what.
struct resolved_assignments {
  std::string checkpoint = {};  ///< as the caller spelled it
  std::vector<resolved_assignment> rows = {};
  std::vector<kept_variable> kept = {};        ///< by the options `missing` and `mismatched`
  std::vector<ambiguous_name> ambiguous = {};  ///< each once
};

/// A table: variable, part, device, tensor, slice, bytes, and if there are any, transforms; then
/// what was kept, and names that several tensors have. Control characters are escaped.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const resolved_assignments& resolved);
[[nodiscard]] WARMSTART_EXPORT std::string to_json(const resolved_assignments& resolved);

/// Makes tensors of a checkpoint the initializers of variables: what
/// `tf.compat.v1.train.init_from_checkpoint` does. Reads metadata only; the bytes move in
/// `run_initializers`. Later calls override earlier ones, variable by variable.
///
/// Checks existence, shapes, dtypes, slices and transforms of everything, throws all problems as
/// one `error`, and changes nothing if there is one. `path` as `checkpoint::open`.
WARMSTART_EXPORT resolved_assignments init_from_checkpoint(variable_store& store,
                                                           const std::string& path,
                                                           const assignment_map& map,
                                                           const init_options& options = {});

}  // namespace warmstart

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

#include "warmstart/checkpoint.hpp"
#include "warmstart/device.hpp"
#include "warmstart/export.hpp"
#include "warmstart/file_system.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/transform.hpp"
#include "warmstart/variable.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {

/// Target of an entry: the name of a variable or scope, a variable, or a list of parts (as
/// variables or by name).
using assignment_target =
    std::variant<std::string, variable, std::vector<variable>, std::vector<std::string>>;

struct assignment_entry {
  assignment_entry(std::string_view tensor_name, assignment_target destination,
                   warmstart::transform changes = {})
      : tensor(tensor_name), target(std::move(destination)), transform(std::move(changes)) {}
  assignment_entry(std::string_view tensor_name, const char* name,
                   warmstart::transform changes = {})
      : assignment_entry(tensor_name, assignment_target(std::string(name)), std::move(changes)) {}
  assignment_entry(std::string_view tensor_name, const std::string& name,
                   warmstart::transform changes = {})
      : assignment_entry(tensor_name, assignment_target(name), std::move(changes)) {}
  assignment_entry(std::string_view tensor_name, std::string_view name,
                   warmstart::transform changes = {})
      : assignment_entry(tensor_name, assignment_target(std::string(name)), std::move(changes)) {}
  /// A list of parts by name.
  assignment_entry(std::string_view tensor_name, std::initializer_list<std::string> names,
                   warmstart::transform changes = {})
      : assignment_entry(tensor_name, assignment_target(std::vector<std::string>(names)),
                         std::move(changes)) {}

  std::string tensor;  ///< any name of a tensor (see `checkpoint`), or a scope, which ends with `/`
  assignment_target target;
  warmstart::transform transform;  ///< applied to each tensor of the entry
};

/// Which tensor initializes which variable.
///
///     {"old/", "new/"}       every variable of scope new/ from the tensor of the same name in old/
///     {"old/x", "new/y"}     variable new/y (all parts, if it is partitioned) from tensor old/x
///     {"old/x", y}           the variable y
///     {"old/x", y.parts()}   these parts, each from its own slice of the tensor
///     {"old/x", {"new/y/part_0", "new/y/part_1"}}   the same by name
///     {"/", "new/"}          scope new/ from the checkpoint's root; {"/", "/"}: everything
///     {"layer_{n}/w", "b/{n}/w", {.transpose = {1, 0}}}   b/0/w from layer_0/w transposed, etc.
///
/// In names and scopes, `{word}` matches one or more characters other than `/` and `.`, the same
/// ones at each occurrence. A literal match takes precedence. As with scopes, the matching
/// variables are selected first, and each needs its tensor.
///
/// In an object-based (TF2) checkpoint each tensor has several names (see `checkpoint`); scopes
/// match any of them.
///
/// A tensor may appear in several entries. Entries are applied in the byte order of their tensor
/// names, equal names in the order of the list; the last entry that applies to a variable wins.
class assignment_map {
 public:
  assignment_map() = default;
  assignment_map(std::initializer_list<assignment_entry> entries) : entries_(entries) {}
  explicit assignment_map(std::vector<assignment_entry> entries) : entries_(std::move(entries)) {}
  /// From pairs of a tensor and a target, for example in a `std::map`, a `std::unordered_map` or a
  /// vector.
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
  void add(std::string_view tensor, Target&& target, transform changes = {}) {
    entries_.emplace_back(tensor, std::forward<Target>(target), std::move(changes));
  }
  /// A list of parts by name.
  void add(std::string_view tensor, std::initializer_list<std::string> names,
           transform changes = {}) {
    entries_.emplace_back(tensor, names, std::move(changes));
  }
  [[nodiscard]] const std::vector<assignment_entry>& entries() const noexcept { return entries_; }

 private:
  std::vector<assignment_entry> entries_;
};

struct init_options {
  /// What to do with a variable whose tensor does not exist.
  enum class missing_tensor {
    error,
    keep,  ///< the variable keeps its earlier assignment or its own initializer
  };
  missing_tensor missing = missing_tensor::error;
  /// What to do with a variable whose tensor has another shape or dtype.
  enum class mismatched_tensor {
    error,
    keep,  ///< as for a missing tensor; useful for a new head on an old encoder
  };
  mismatched_tensor mismatched = mismatched_tensor::error;
  /// Variables, and scopes (which end with `/`), that scopes and patterns of the map skip. Entries
  /// that name a variable in full still apply to it. A name that matches no variable is an error.
  std::vector<std::string> except = {};
  bool allow_empty_scope = false;  ///< a scope or pattern may match no variable
  bool cast = false;               ///< convert between numeric dtypes if they differ (`can_cast`)
  std::string format = {};         ///< see `checkpoint::open`; empty: detect it
  /// See `checkpoint::open`; null: the operating system's files.
  std::shared_ptr<const file_system> files = {};
};

/// One part (or replica) and what will initialize it.
struct resolved_assignment {
  std::string variable = {};              ///< name of the variable or part
  std::string full_name = {};             ///< name of the whole variable
  std::optional<std::int64_t> part = {};  ///< index of the part, if it is one
  warmstart::device device = {};
  std::string tensor = {};      ///< the key of the tensor, whichever name the map used
  warmstart::slice slice = {};  ///< explicit; refers to the transformed tensor
  std::int64_t size_bytes = 0;
  std::string transform = {};  ///< description of the transform; empty if none
  std::size_t entry = 0;       ///< index in `assignment_map::entries`
};

/// A variable or part that a call left unchanged because of `missing` or `mismatched`.
struct kept_variable {
  std::string variable = {};
  std::string checkpoint = {};  ///< path as the caller spelled it
  std::string reason = {};      ///< why its tensor does not fit; empty if the tensor is missing
};
/// As in `kept: head/w, whose tensor is not in model.ckpt`. Escapes control characters.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const kept_variable& kept);

/// A name in a map that several tensors of an object-based checkpoint share.
struct ambiguous_name {
  std::string name = {};
  std::string tensor = {};  ///< key of the tensor that the name resolves to
  std::int64_t others = 0;  ///< number of other tensors with the name
};
/// As in `ambiguous: w means a/w; other tensors of that name: 1`. Escapes control characters.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const ambiguous_name& ambiguous);

/// Result of `init_from_checkpoint`: which tensor initializes which variable.
struct resolved_assignments {
  std::string checkpoint = {};  ///< as the caller spelled it
  std::vector<resolved_assignment> rows = {};
  std::vector<kept_variable> kept = {};        ///< because of `missing` or `mismatched`
  std::vector<ambiguous_name> ambiguous = {};  ///< each name once
};

/// A table with the columns variable, part, device, tensor, slice, bytes and, if there are any,
/// transforms, followed by the kept variables and the ambiguous names. Escapes control characters.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const resolved_assignments& resolved);
[[nodiscard]] WARMSTART_EXPORT std::string to_json(const resolved_assignments& resolved);

/// Replaces the initializers of variables by tensors of a checkpoint, like
/// `tf.compat.v1.train.init_from_checkpoint`. Reads only metadata; `run_initializers` reads the
/// data. For each variable the last call that assigns it wins.
///
/// Checks existence, shapes, dtypes, slices and transforms of all entries. If there are problems,
/// throws all of them as one `error` and changes nothing. `path` is interpreted as by
/// `checkpoint::open`.
WARMSTART_EXPORT resolved_assignments init_from_checkpoint(variable_store& store,
                                                           const std::string& path,
                                                           const assignment_map& map,
                                                           const init_options& options = {});

/// The same from an open checkpoint, whose metadata is not read again. A load fails if its files
/// have changed since it was opened. Also throws `invalid_argument` if `options` has a format or
/// files: the checkpoint has its own.
WARMSTART_EXPORT resolved_assignments init_from_checkpoint(variable_store& store,
                                                           const checkpoint& source,
                                                           const assignment_map& map,
                                                           const init_options& options = {});

}  // namespace warmstart

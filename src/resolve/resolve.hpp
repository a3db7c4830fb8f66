#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/assignment.hpp"
#include "model/catalog.hpp"
#include "model/variable_index.hpp"

namespace warmstart::detail {

/// One entry of an assignment map. Its target is a name, names of parts, or rows of a variable or
/// of parts (for a list in the order given).
struct resolve_entry {
  std::string tensor;
  std::variant<std::string, std::vector<std::string>, std::vector<std::uint32_t>> target;
  bool is_list = false;
  view_steps steps = {};          ///< applied to each tensor
  std::optional<bool> cast = {};  ///< overrides `resolve_options::cast`
  std::uint32_t number = 0;       ///< returned in `resolution::entries`
};

struct resolve_options {
  bool keep_missing = false;
  bool keep_mismatched = false;          ///< keep variables whose tensor has another shape or dtype
  std::vector<std::string> except = {};  ///< variables and scopes that scopes and patterns skip
  bool allow_empty_scope = false;        ///< applies to patterns too
  bool cast = false;
};

struct resolution {
  std::vector<assignment> assignments;  ///< sorted by row, at most one per row
  std::vector<std::uint32_t> entries;   ///< parallel to `assignments`: number of the entry
  std::vector<std::uint32_t> kept;      ///< rows whose tensor is missing or does not fit
  /// Parallel to `kept`: why the tensor does not fit; empty if missing.
  std::vector<std::string> kept_why;
  /// Names in the entries that several tensors share, sorted, unique.
  std::vector<tensor_alias> ambiguous;
};

/// Decides which tensor initializes which row:
///
///     entries, sorted by tensor name in byte order
///       ├─ target is a variable, part or list   all of it from that tensor
///       ├─ target is a scope                    each of its variables from its own tensor
///       └─ target has placeholders              each matching variable from its own tensor
///
/// If several entries assign a row, the last one wins. `checkpoint` is copied into the assignments.
/// Checks that tensors and variables exist, that dtypes, shapes and slices fit, and that slices are
/// stored. Throws all problems as one `error`, one problem per entry and variable. Takes time
/// proportional to the number of rows that entries name, except that patterns are compared with all
/// variables.
[[nodiscard]] resolution resolve(const variable_index& variables, const catalog& source,
                                 std::uint32_t checkpoint, std::vector<resolve_entry> entries,
                                 const resolve_options& options);

}  // namespace warmstart::detail

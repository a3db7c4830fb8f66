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

/// One entry of an assignment map. Its target: a name, names of parts, or rows of one variable or
/// of parts (in a list, elements as given).
struct resolve_entry {
  std::string tensor;
  std::variant<std::string, std::vector<std::string>, std::vector<std::uint32_t>> target;
  bool is_list = false;
  view_steps steps = {};          ///< done with each tensor
  std::optional<bool> cast = {};  ///< in place of the option
  std::uint32_t number = 0;       ///< for the answer
};

struct resolve_options {
  bool keep_missing = false;
  bool keep_mismatched = false;          ///< of another shape or dtype
  std::vector<std::string> except = {};  ///< variables and scopes that scopes leave out
  bool allow_empty_scope = false;        ///< patterns, too
  bool cast = false;
};

struct resolution {
  std::vector<assignment> assignments;  ///< by row; one a row
  std::vector<std::uint32_t> entries;   ///< parallel to them: the number of the entry
  std::vector<std::uint32_t> kept;      ///< rows whose tensor is absent or does not fit
  std::vector<std::string> kept_why;    ///< parallel to them: why it does not fit; empty: absent
  std::vector<tensor_alias> ambiguous;  ///< names used that several tensors have, sorted, once each
};

/// Which tensor initializes which row (specification B2, with the differences of the design):
///
///     entries, in the byte order of their tensors
///       ├─ the target is a variable, a part or a list   1:1: all of them from that tensor
///       ├─ it is a scope                                each variable of it from its own tensor
///       └─ it has placeholders                          each variable that matches likewise
///
/// Two entries for one row: the later counts. `checkpoint` is copied into the assignments.
/// Everything is checked: tensors and variables exist, dtypes, shapes, slices fit and are stored.
/// All problems are thrown as one `error`, one per entry and variable. The work is in proportion to
/// the rows that the entries name, but for patterns, which are compared with all variables.
[[nodiscard]] resolution resolve(const variable_index& variables, const catalog& source,
                                 std::uint32_t checkpoint, std::vector<resolve_entry> entries,
                                 const resolve_options& options);

}  // namespace warmstart::detail

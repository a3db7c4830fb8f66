#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "formats/pickle/pickle.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

// Python's pickles are programs for a machine with a stack, which can import and call anything.
// This one knows the opcodes that build plain values (specification 3.3), and the symbols that a
// format lists; whatever else a pickle holds is refused where it stands. Nothing is ever called.

/// What a pickle may do with a symbol.
enum class symbol_use : std::uint8_t {
  value,     ///< hold it: a dtype, the class of a storage
  call,      ///< call it: makes a `call`
  dict,      ///< call it with nothing, a dict or a list of pairs: makes a dict
  argument,  ///< call it with one value: makes that
  opaque,    ///< call it: makes something that is of no interest
  instance,  ///< make an `object` of it
};

/// The symbols of a format, by `module name`; nothing for those that it does not know.
using pickle_dialect = std::optional<symbol_use> (*)(std::string_view symbol);

/// A symbol that is known, for tables of them.
struct symbol_entry {
  std::string_view symbol;
  symbol_use use;
};
/// The one in a table, or null.
[[nodiscard]] const symbol_entry* find_symbol(std::span<const symbol_entry> table,
                                              std::string_view symbol) noexcept;

/// Runs the pickle that begins at `where.begin`. Memory and time are in proportion to its length.
/// Throws `corrupt`, and `unsupported` for opcodes and symbols that are not known.
[[nodiscard]] pickle read_pickle(const file& from, const file_range& where, pickle_dialect symbols);

}  // namespace warmstart::detail

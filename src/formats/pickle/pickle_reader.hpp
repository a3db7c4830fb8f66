#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "formats/pickle/pickle.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

// A pickle is a program for Python's stack machine, which can import and call anything. This reader
// accepts only the opcodes that build plain values (specification 3.3), and the symbols that a
// format lists. It refuses everything else, and never calls anything.

/// How a pickle may use a symbol.
enum class symbol_use : std::uint8_t {
  value,     ///< as a value: a dtype, a storage class
  call,      ///< called: yields a `call`
  dict,      ///< called with nothing, a dict or a list of pairs: yields a dict
  argument,  ///< called with one argument: yields the argument
  opaque,    ///< called: yields an opaque value
  instance,  ///< instantiated: yields an `object`
};

/// Looks up a symbol of a format by `module name`; nothing if the format does not allow it.
using pickle_dialect = std::optional<symbol_use> (*)(std::string_view symbol);

/// A line in a table of symbols.
struct symbol_entry {
  std::string_view symbol;
  symbol_use use;
};
/// The line for a symbol, or null.
[[nodiscard]] const symbol_entry* find_symbol(std::span<const symbol_entry> table,
                                              std::string_view symbol) noexcept;

/// Runs the pickle that begins at `where.begin`. Memory and time are proportional to its length.
/// Throws `corrupt`, and `unsupported` for unknown opcodes and symbols.
[[nodiscard]] pickle read_pickle(const file& from, const file_range& where, pickle_dialect symbols);

}  // namespace warmstart::detail

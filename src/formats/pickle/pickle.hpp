#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// The index of a value in `pickle::values`. Shared values are stored once, and a list can contain
/// itself.
using pickle_node = std::uint32_t;

enum class pickle_kind : std::uint8_t {
  none,
  boolean,
  integer,  ///< of 64 bits; larger ones are opaque
  text,
  tuple,
  list,
  dict,
  symbol,      ///< what Python would import; only its name is kept
  persistent,  ///< a reference to data outside the pickle
  call,        ///< a symbol with arguments; never executed
  object,      ///< an instance of a symbol, with its state
  opaque,      ///< floats, bytes, sets, ...: their values are not kept
};

[[nodiscard]] std::string_view name_of(pickle_kind kind) noexcept;

struct pickle_value {
  pickle_kind is = pickle_kind::opaque;
  std::int64_t offset_bytes = 0;  ///< of the opcode that made it, in the file
  std::int64_t number = 0;        ///< boolean, integer
  std::string text;               ///< text: UTF-8; symbol: `module name`
  /// Tuple, list: the elements. Dict: key, value, key, value, ..., in the order of insertion.
  /// Persistent: the id. Call: the symbol, the argument tuple. Object: the symbol, and the state
  /// if there is one.
  std::vector<pickle_node> items;
};

/// The values that a pickle builds.
struct pickle {
  std::vector<pickle_value> values;
  pickle_node root = 0;
  std::int64_t end_offset = 0;  ///< after the last opcode, in the file

  [[nodiscard]] const pickle_value& operator[](pickle_node node) const { return values[node]; }
  /// The value of a dict's text key, or null. If a key occurs several times, the last one counts.
  [[nodiscard]] const pickle_value* find(const pickle_value& dict, std::string_view key) const;
  /// The symbol of a call or an object.
  [[nodiscard]] std::string_view symbol_of(const pickle_value& made) const {
    return values[made.items.front()].text;
  }
  /// The arguments of a call.
  [[nodiscard]] std::span<const pickle_node> arguments_of(const pickle_value& call) const {
    return values[call.items.back()].items;
  }
};

}  // namespace warmstart::detail

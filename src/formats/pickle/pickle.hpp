#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// A value of a pickle: its position in `pickle::values`. Values that several refer to are there
/// once, and a list can hold itself.
using pickle_node = std::uint32_t;

enum class pickle_kind : std::uint8_t {
  none,
  boolean,
  integer,  ///< of 64 bits; larger ones are opaque
  text,
  tuple,
  list,
  dict,
  symbol,      ///< something that Python would import; here it is its name
  persistent,  ///< what is stored outside of the pickle
  call,        ///< a symbol with arguments; nothing calls it
  object,      ///< an instance of a symbol, with the state that it is given
  opaque,      ///< floats, bytes, sets, ...: nobody asks what they are
};

[[nodiscard]] std::string_view name_of(pickle_kind kind) noexcept;

struct pickle_value {
  pickle_kind is = pickle_kind::opaque;
  std::int64_t offset_bytes = 0;  ///< in the file: of the opcode that made it
  std::int64_t number = 0;        ///< boolean, integer
  std::string text;               ///< text: UTF-8; symbol: `module name`
  /// Tuple, list: the elements. Dict: key, value, key, value, ..., as they were set. Persistent:
  /// its id. Call: the symbol, a tuple. Object: the symbol, and its state if it has any.
  std::vector<pickle_node> items;
};

/// What a pickle makes.
struct pickle {
  std::vector<pickle_value> values;
  pickle_node root = 0;
  std::int64_t end_offset = 0;  ///< in the file: behind its last opcode

  [[nodiscard]] const pickle_value& operator[](pickle_node node) const { return values[node]; }
  /// The value of a dict's key, if that is a text, or null. Of several the last one counts.
  [[nodiscard]] const pickle_value* find(const pickle_value& dict, std::string_view key) const;
  /// The symbol of a call or an object.
  [[nodiscard]] std::string_view symbol_of(const pickle_value& made) const {
    return values[made.items.front()].text;
  }
  /// Of a call.
  [[nodiscard]] std::span<const pickle_node> arguments_of(const pickle_value& call) const {
    return values[call.items.back()].items;
  }
};

}  // namespace warmstart::detail

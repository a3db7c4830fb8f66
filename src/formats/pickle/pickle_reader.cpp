#include "formats/pickle/pickle_reader.hpp"

#include <algorithm>
#include <array>

#include "formats/pickle/pickle_machine.hpp"

namespace warmstart::detail {

const pickle_machine::instruction* pickle_machine::find(unsigned char opcode) noexcept {
  using machine = pickle_machine;
  static constexpr std::array INSTRUCTIONS = {
      instruction{0x80, &machine::skip<1>},                     // PROTO
      instruction{0x95, &machine::skip<8>},                     // FRAME
      instruction{'(', &machine::mark},                         // MARK
      instruction{'N', &machine::constant<kind::none>},         // NONE
      instruction{0x88, &machine::constant<kind::boolean, 1>},  // NEWTRUE
      instruction{0x89, &machine::constant<kind::boolean, 0>},  // NEWFALSE
      instruction{'K', &machine::integer<std::uint8_t>},        // BININT1
      instruction{'M', &machine::integer<std::uint16_t>},       // BININT2
      instruction{'J', &machine::integer<std::int32_t>},        // BININT
      instruction{0x8a, &machine::long_integer<std::uint8_t>},  // LONG1
      instruction{0x8b, &machine::long_integer<std::int32_t>},  // LONG4
      instruction{'G', &machine::real},                         // BINFLOAT
      instruction{'X', &machine::text<std::uint32_t>},          // BINUNICODE
      instruction{0x8c, &machine::text<std::uint8_t>},          // SHORT_BINUNICODE
      instruction{0x8d, &machine::text<std::uint64_t>},         // BINUNICODE8
      instruction{'U', &machine::text<std::uint8_t>},           // SHORT_BINSTRING
      instruction{'B', &machine::bytes<std::uint32_t>},         // BINBYTES
      instruction{'C', &machine::bytes<std::uint8_t>},          // SHORT_BINBYTES
      instruction{'}', &machine::constant<kind::dict>},         // EMPTY_DICT
      instruction{']', &machine::constant<kind::list>},         // EMPTY_LIST
      instruction{')', &machine::constant<kind::tuple>},        // EMPTY_TUPLE
      instruction{0x8f, &machine::constant<kind::opaque>},      // EMPTY_SET
      instruction{'t', &machine::tuple},                        // TUPLE
      instruction{0x85, &machine::tuple_of<1>},                 // TUPLE1
      instruction{0x86, &machine::tuple_of<2>},                 // TUPLE2
      instruction{0x87, &machine::tuple_of<3>},                 // TUPLE3
      instruction{'a', &machine::append},                       // APPEND
      instruction{'e', &machine::appends},                      // APPENDS
      instruction{'s', &machine::set_item},                     // SETITEM
      instruction{'u', &machine::set_items},                    // SETITEMS
      instruction{'q', &machine::put<std::uint8_t>},            // BINPUT
      instruction{'r', &machine::put<std::uint32_t>},           // LONG_BINPUT
      instruction{0x94, &machine::memoize},                     // MEMOIZE
      instruction{'h', &machine::get<std::uint8_t>},            // BINGET
      instruction{'j', &machine::get<std::uint32_t>},           // LONG_BINGET
      instruction{'c', &machine::global},                       // GLOBAL
      instruction{0x93, &machine::stack_global},                // STACK_GLOBAL
      instruction{'Q', &machine::persistent_id},                // BINPERSID
      instruction{'R', &machine::reduce},                       // REDUCE
      instruction{0x81, &machine::new_object},                  // NEWOBJ
      instruction{'b', &machine::build},                        // BUILD
  };
  const auto* const found =
      std::find_if(INSTRUCTIONS.begin(), INSTRUCTIONS.end(),
                   [&](const instruction& one) { return one.opcode == opcode; });
  return found == INSTRUCTIONS.end() ? nullptr : found;
}

const symbol_entry* find_symbol(std::span<const symbol_entry> table,
                                std::string_view symbol) noexcept {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const symbol_entry& one) { return one.symbol == symbol; });
  return found == table.end() ? nullptr : &*found;
}

pickle read_pickle(const file& from, const file_range& where, pickle_dialect symbols) {
  return pickle_machine(from, where, symbols).run();
}

}  // namespace warmstart::detail

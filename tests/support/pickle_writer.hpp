#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/zip_writer.hpp"

namespace warmstart::detail::test {

/// Opcodes of pickles, as text to concatenate; valid unless a test breaks them.
namespace pickled {

inline std::string text(const std::string& is) {
  return 'X' + little_endian(is.size(), 4) + is;
}
inline std::string integer(std::int64_t is) {
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(is), 8);
}
inline std::string symbol(const std::string& module, const std::string& name) {
  return 'c' + module + '\n' + name + '\n';
}
inline std::string tuple(const std::string& items) {
  return '(' + items + 't';
}
inline std::string list(const std::string& items) {
  return "](" + items + 'e';
}
/// Of keys and values.
inline std::string dict(const std::string& items) {
  return "}(" + items + 'u';
}
inline std::string call(const std::string& symbol, const std::string& arguments) {
  return symbol + tuple(arguments) + 'R';
}
inline std::string integers(const std::vector<std::int64_t>& all) {
  std::string items;
  for (const std::int64_t one : all) items += integer(one);
  return tuple(items);
}
inline std::string program(const std::string& opcodes) {
  return "\x80\x02" + opcodes + '.';
}

inline const std::string YES = "\x88";
inline const std::string NO = "\x89";

}  // namespace pickled
}  // namespace warmstart::detail::test

#include "formats/pickle/pickle.hpp"

#include <array>

namespace warmstart::detail {

std::string_view name_of(pickle_kind kind) noexcept {
  constexpr std::array<std::string_view, 12> NAMES = {
      "None",   "a bool",   "an integer",      "a text", "a tuple",   "a list",
      "a dict", "a symbol", "a persistent id", "a call", "an object", "something else"};
  return NAMES[static_cast<std::size_t>(kind)];
}

const pickle_value* pickle::find(const pickle_value& dict, std::string_view key) const {
  for (std::size_t i = dict.items.size(); i >= 2; i -= 2) {
    const pickle_value& one = values[dict.items[i - 2]];
    if (one.is == pickle_kind::text && one.text == key) return &values[dict.items[i - 1]];
  }
  return nullptr;
}

}  // namespace warmstart::detail

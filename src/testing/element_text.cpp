#include "testing/element_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "tensor/fill_element.hpp"

namespace warmstart::testkit {

using namespace detail;

namespace {

std::string bits_text(std::span<const std::byte> element) {
  std::string text = "0x";
  for (std::size_t i = element.size(); i-- > 0;) {
    text += fmt::format("{:02x}", std::to_integer<unsigned>(element[i]));
  }
  return text;
}

std::string value_text(dtype type, std::span<const std::byte> element) {
  return with_element_type(type, [&](auto value) {
    using type_of_value = decltype(value);
    std::memcpy(&value, element.data(), std::min(sizeof(value), element.size()));
    if constexpr (std::is_same_v<type_of_value, bool_byte>) {
      return std::string(value.bits != 0 ? "true" : "false");
    } else if constexpr (is_small_float<type_of_value>) {
      return fmt::format("{}", to_float32(value));
    } else {
      return fmt::format("{}", value);
    }
  });
}

}  // namespace

std::string element_text(dtype type, std::span<const std::byte> element) {
  std::string bits = bits_text(element);
  if (type == dtype::complex64 || type == dtype::complex128) {
    const dtype part = type == dtype::complex64 ? dtype::float32 : dtype::float64;
    return fmt::format("({}, {}) ({})", value_text(part, element),
                       value_text(part, element.subspan(size_of(part))), bits);
  }
  // Only float types that `can_cast` supports can be converted to a value.
  if (is_floating(type) && !can_cast(type, type)) return bits;
  return fmt::format("{} ({})", value_text(type, element), bits);
}

}  // namespace warmstart::testkit

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace warmstart::detail::test {

inline std::span<const std::byte> text_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace warmstart::detail::test

#pragma once

#include <algorithm>
#include <string>

#include "warmstart/dtype.hpp"

namespace warmstart::detail::test {

/// Elements in the other byte order.
inline std::string swapped(std::string bytes, dtype type) {
  const auto unit = static_cast<std::ptrdiff_t>(swap_unit(type));
  for (auto at = bytes.begin(); at != bytes.end(); at += unit) std::reverse(at, at + unit);
  return bytes;
}

}  // namespace warmstart::detail::test

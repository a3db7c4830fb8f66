#pragma once

#include <algorithm>
#include <string>

#include "warmstart/dtype.hpp"

namespace warmstart::detail::test {

/// Elements as a machine of the other byte order stores them.
inline std::string swapped(std::string bytes, dtype type) {
  const auto unit = static_cast<std::ptrdiff_t>(swap_unit(type));
  for (auto at = bytes.begin(); at != bytes.end(); at += unit) std::reverse(at, at + unit);
  return bytes;
}

}  // namespace warmstart::detail::test

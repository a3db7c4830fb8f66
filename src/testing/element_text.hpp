#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "warmstart/dtype.hpp"

namespace warmstart::testkit {

/// An element and its bits: `1.5 (0x3fc00000)`, `(1.5, -2) (0xc00000003fc00000)`. Only the bits if
/// the type is a float that `can_cast` does not support. `element` has the size of the type.
[[nodiscard]] std::string element_text(dtype type, std::span<const std::byte> element);

}  // namespace warmstart::testkit

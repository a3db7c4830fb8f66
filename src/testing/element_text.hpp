#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "warmstart/dtype.hpp"

namespace warmstart::testkit {

/// An element and its bits, as in `1.5 (0x3fc00000)` and `(1.5, -2) (0xc00000003fc00000)`; of a
/// float that `can_cast` does not know only the bits. `element` has the size of the type.
[[nodiscard]] std::string element_text(dtype type, std::span<const std::byte> element);

}  // namespace warmstart::testkit

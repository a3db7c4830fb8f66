#pragma once

#include <cstddef>
#include <span>

namespace warmstart::detail {

/// Fills memory of any alignment with copies of an element of 1, 2, 4, 8 or 16 bytes. The size of
/// `to` is a multiple of the element's. As fast as memset: writes large blocks by non-temporal
/// stores.
void repeat_element(std::span<std::byte> to, std::span<const std::byte> element) noexcept;

}  // namespace warmstart::detail

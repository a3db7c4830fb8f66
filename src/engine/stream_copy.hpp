#pragma once

#include <cstddef>
#include <span>

namespace warmstart::detail {

/// Non-temporal copy, for a destination that is not read soon: bypasses the processor's cache if
/// possible and does not read the overwritten lines. Any alignment; both spans must have the same
/// size.
void stream_copy(std::span<std::byte> to, std::span<const std::byte> from) noexcept;

}  // namespace warmstart::detail

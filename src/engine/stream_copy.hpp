#pragma once

#include <cstddef>
#include <span>

namespace warmstart::detail {

/// Copies to memory that is not looked at soon: past the processor's cache where it can, without
/// reading what is overwritten. Any alignment; both of the same size.
void stream_copy(std::span<std::byte> to, std::span<const std::byte> from) noexcept;

}  // namespace warmstart::detail

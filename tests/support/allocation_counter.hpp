#pragma once

#include <cstdint>

namespace warmstart::detail::test {

/// Bytes that this process has got from operator new so far, freed ones included (with a sanitizer:
/// from malloc, too). How they grow tells how the work of a call grows, whatever the machine.
[[nodiscard]] std::int64_t allocated_bytes() noexcept;

}  // namespace warmstart::detail::test

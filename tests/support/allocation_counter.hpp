#pragma once

#include <cstdint>

namespace warmstart::detail::test {

/// Bytes that operator new has returned to this process so far, including freed ones; with a
/// sanitizer also malloc's. Their growth shows how the work of a call grows, on any machine.
[[nodiscard]] std::int64_t allocated_bytes() noexcept;

}  // namespace warmstart::detail::test

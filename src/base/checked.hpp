#pragma once

#include <cstdint>
#include <optional>

namespace warmstart::detail {

// Arithmetic on untrusted numbers from files. Returns nothing if the result overflows.

[[nodiscard]] constexpr std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

[[nodiscard]] constexpr std::optional<std::int64_t> checked_multiply(std::int64_t a,
                                                                     std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

/// Sum of non-negative numbers, limited to INT64_MAX; only for sums that are displayed.
[[nodiscard]] constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  return checked_add(a, b).value_or(INT64_MAX);
}

}  // namespace warmstart::detail

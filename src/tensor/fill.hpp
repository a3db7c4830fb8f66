#pragma once

#include <cstddef>
#include <cstdint>

#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// A resolved initializer, for any device. A random value depends only on `seed` and on the
/// element's row-major index in the full variable.
struct fill_spec {
  enum class distribution : std::uint8_t {
    constant,          ///< every element is a
    uniform,           ///< [a, b); integers for integer types
    normal,            ///< mean a, standard deviation b
    truncated_normal,  ///< like `normal`, limited to two standard deviations
  };

  distribution kind = distribution::constant;
  double a = 0;
  double b = 0;
  std::uint64_t seed = 0;

  friend bool operator==(const fill_spec&, const fill_spec&) = default;
};

/// Whether `spec` can fill elements of a type. Constants support every fixed-size type; integers
/// must be exact, and floating-point types without `can_cast` support only 0 and 1. Uniform
/// distributions support castable floating-point and integer types, normal ones castable
/// floating-point types.
[[nodiscard]] bool can_fill(const fill_spec& spec, dtype type) noexcept;

/// Whether every byte of the filled elements is 0. Requires `can_fill`.
[[nodiscard]] bool makes_zeros(const fill_spec& spec, dtype type);

/// Fills slice `where` of a variable of shape `full_shape`, in host memory that holds slice `row`
/// of it, row-major. Both slices are explicit, and `row` contains `where`. Requires `can_fill`.
void fill_elements(const fill_spec& spec, dtype type, const shape& full_shape, const slice& where,
                   const slice& row, std::byte* destination);
/// The same for memory that holds only `where`.
inline void fill_elements(const fill_spec& spec, dtype type, const shape& full_shape,
                          const slice& where, std::byte* destination) {
  fill_elements(spec, type, full_shape, where, where, destination);
}

}  // namespace warmstart::detail

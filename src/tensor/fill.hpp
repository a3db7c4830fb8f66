#pragma once

#include <cstddef>
#include <cstdint>

#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// How an initializer without a checkpoint makes elements: the resolved form, ready for any device.
/// A random value depends only on `seed` and the element's row-major index in the full variable.
struct fill_spec {
  enum class distribution : std::uint8_t {
    constant,          ///< a
    uniform,           ///< [a, b); integers for integer types
    normal,            ///< mean a, standard deviation b
    truncated_normal,  ///< the same, within two standard deviations
  };

  distribution kind = distribution::constant;
  double a = 0;
  double b = 0;
  std::uint64_t seed = 0;

  friend bool operator==(const fill_spec&, const fill_spec&) = default;
};

/// True if elements of that type can be made: constants of every fixed-size type (of the float
/// types that `can_cast` does not know only 0 and 1), integers exactly; uniform numbers for floats
/// and integers that can be cast, the normal ones for floats.
[[nodiscard]] bool can_fill(const fill_spec& spec, dtype type) noexcept;

/// True if every byte that it makes is 0. Requires `can_fill`.
[[nodiscard]] bool makes_zeros(const fill_spec& spec, dtype type);

/// Makes the elements of `where` of a variable of shape `full_shape`, in host memory that holds
/// `row` of it, row-major, and has it (both explicit). Requires `can_fill`.
void fill_elements(const fill_spec& spec, dtype type, const shape& full_shape, const slice& where,
                   const slice& row, std::byte* destination);
/// The same where the memory holds nothing else.
inline void fill_elements(const fill_spec& spec, dtype type, const shape& full_shape,
                          const slice& where, std::byte* destination) {
  fill_elements(spec, type, full_shape, where, where, destination);
}

}  // namespace warmstart::detail

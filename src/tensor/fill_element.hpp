#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "tensor/element_convert.hpp"
#include "tensor/fill.hpp"
#include "tensor/random_value.hpp"

namespace warmstart::detail {

// Building blocks of fills on all backends: makers are constructed on the host and compute elements
// there or in kernels.

/// Calls `visit` with a value of the C++ type of a dtype's elements. Does not support complex
/// dtypes, nor floating-point dtypes without `can_cast`.
template <class Visit>
auto with_element_type(dtype type, Visit visit) {
  switch (type) {
    case dtype::float64:
      return visit(double{});
    case dtype::float32:
      return visit(float{});
    case dtype::float16:
      return visit(float16_bits{});
    case dtype::bfloat16:
      return visit(bfloat16_bits{});
    case dtype::float8_e5m2:
      return visit(float8_e5m2_bits{});
    case dtype::float8_e4m3fn:
      return visit(float8_e4m3fn_bits{});
    case dtype::int16:
    case dtype::qint16:
      return visit(std::int16_t{});
    case dtype::int32:
    case dtype::qint32:
      return visit(std::int32_t{});
    case dtype::int64:
      return visit(std::int64_t{});
    case dtype::uint8:
    case dtype::quint8:
    case dtype::uint4:
    case dtype::uint2:
      return visit(std::uint8_t{});
    case dtype::uint16:
    case dtype::quint16:
      return visit(std::uint16_t{});
    case dtype::uint32:
      return visit(std::uint32_t{});
    case dtype::uint64:
      return visit(std::uint64_t{});
    case dtype::boolean:
      return visit(bool_byte{});
    default:
      return visit(std::int8_t{});  // int8, qint8, int4, int2
  }
}

/// The bytes of a constant, in the first `size_of(type)` bytes of the result. Requires `can_fill`.
[[nodiscard]] std::array<std::byte, 16> constant_element(double value, dtype type);

/// Computes random integers.
template <class T>
class integer_maker {
 public:
  explicit integer_maker(const fill_spec& spec)
      : seed_(spec.seed),
        minval_(static_cast<std::int64_t>(spec.a)),
        range_(static_cast<std::uint64_t>(spec.b - spec.a)) {}

  constexpr T operator()(std::uint64_t index) const {
    return static_cast<T>(random_integer(seed_, index, minval_, range_));
  }

 private:
  std::uint64_t seed_;
  std::int64_t minval_;
  std::uint64_t range_;
};

/// The next representable number above (`up`) or below `value`.
template <class T>
T neighbour(T value, bool up) {
  if constexpr (is_small_float<T>) {
    using storage = typename T::storage;
    const bool negative = (value.bits & T::sign) != 0;
    if ((value.bits & (T::sign - 1)) == 0) {
      return {static_cast<storage>(up ? 1U : T::sign | 1U)};
    }
    return {static_cast<storage>(negative == up ? value.bits - 1 : value.bits + 1)};
  } else {
    return std::nextafter(
        value, up ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity());
  }
}

/// Computes random floating-point numbers. Values of a uniform distribution stay in [a, b) even
/// after rounding to the type.
template <class T>
class float_maker {
 public:
  explicit float_maker(const fill_spec& spec)
      : spec_(spec),
        bounded_(spec.kind == fill_spec::distribution::uniform && spec.a != spec.b),
        lowest_(cast_element<T>(spec.a)),
        highest_(cast_element<T>(spec.b)) {
    if (!bounded_) return;
    if (number(lowest_) < spec.a) lowest_ = neighbour(lowest_, true);
    if (number(highest_) >= spec.b) highest_ = neighbour(highest_, false);
  }

  constexpr T operator()(std::uint64_t index) const {
    const T value = cast_element<T>(random_value(spec_, index));
    if (!bounded_) return value;
    if (number(value) < spec_.a) return lowest_;
    return number(value) >= spec_.b ? highest_ : value;
  }

 private:
  static constexpr double number(T value) { return cast_element<double>(value); }

  fill_spec spec_;
  bool bounded_;
  T lowest_;
  T highest_;
};

/// Calls `fill` with the maker of a random initializer's elements. Requires `can_fill`.
template <class Fill>
void with_random_maker(const fill_spec& spec, dtype type, Fill fill) {
  with_element_type(type, [&](auto element) {
    using element_type = decltype(element);
    if constexpr (std::is_integral_v<element_type>) {
      fill(integer_maker<element_type>(spec));
    } else if constexpr (!std::is_same_v<element_type, bool_byte>) {
      fill(float_maker<element_type>(spec));
    }
  });
}

}  // namespace warmstart::detail

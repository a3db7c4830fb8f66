#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "tensor/conversion.hpp"
#include "warmstart/dtype.hpp"

namespace warmstart::detail {

// Casts between numeric dtypes, with the results of TensorFlow's tf.cast where those do not depend
// on the machine. The functions are constexpr and make no library calls, so that kernels can use
// them.
//
//   to a float          round to nearest, ties to even; out of range becomes infinity
//                       (float8_e4m3fn has none: NaN); NaN becomes the type's positive quiet NaN
//   float to integer    truncate; out of range becomes the nearest integer; NaN becomes 0
//   integer to integer  modulo 2^bits
//   to bool             true unless zero (NaN is true); from bool: 0 or 1
//
// float64 and integers are cast to float16 and bfloat16 via float32, integers also to float8.

/// The bits of a floating-point number of less than 32 bits, in IEEE's layout. `FINITE` types have
/// no infinity and only one magnitude that is NaN.
template <class Storage, int EXPONENT_BITS, int MANTISSA_BITS, bool FINITE>
struct small_float {
  using storage = Storage;
  static constexpr int mantissa_bits = MANTISSA_BITS;
  static constexpr int bias = (1 << (EXPONENT_BITS - 1)) - 1;
  static constexpr unsigned sign = 1U << (EXPONENT_BITS + MANTISSA_BITS);
  static constexpr unsigned all_exponent = ((1U << EXPONENT_BITS) - 1) << MANTISSA_BITS;
  static constexpr unsigned nan = FINITE ? sign - 1 : all_exponent | (1U << (MANTISSA_BITS - 1));
  /// The smallest magnitude above all finite values.
  static constexpr unsigned overflow = FINITE ? nan : all_exponent;
  /// The smallest magnitude that is NaN.
  static constexpr unsigned first_nan = FINITE ? nan : all_exponent + 1;

  Storage bits;
};

using float16_bits = small_float<std::uint16_t, 5, 10, false>;
using bfloat16_bits = small_float<std::uint16_t, 8, 7, false>;
using float8_e5m2_bits = small_float<std::uint8_t, 5, 2, false>;
using float8_e4m3fn_bits = small_float<std::uint8_t, 4, 3, true>;

/// A stored bool: any byte except 0 is true.
struct bool_byte {
  std::uint8_t bits;
};

/// The C++ type of elements of a dtype.
template <dtype D>
struct element_of;
template <>
struct element_of<dtype::float64> {
  using type = double;
};
template <>
struct element_of<dtype::float32> {
  using type = float;
};
template <>
struct element_of<dtype::float16> {
  using type = float16_bits;
};
template <>
struct element_of<dtype::bfloat16> {
  using type = bfloat16_bits;
};
template <>
struct element_of<dtype::float8_e5m2> {
  using type = float8_e5m2_bits;
};
template <>
struct element_of<dtype::float8_e4m3fn> {
  using type = float8_e4m3fn_bits;
};
template <>
struct element_of<dtype::int8> {
  using type = std::int8_t;
};
template <>
struct element_of<dtype::int16> {
  using type = std::int16_t;
};
template <>
struct element_of<dtype::int32> {
  using type = std::int32_t;
};
template <>
struct element_of<dtype::int64> {
  using type = std::int64_t;
};
template <>
struct element_of<dtype::uint8> {
  using type = std::uint8_t;
};
template <>
struct element_of<dtype::uint16> {
  using type = std::uint16_t;
};
template <>
struct element_of<dtype::uint32> {
  using type = std::uint32_t;
};
template <>
struct element_of<dtype::uint64> {
  using type = std::uint64_t;
};
template <>
struct element_of<dtype::boolean> {
  using type = bool_byte;
};

template <class T>
inline constexpr bool is_small_float = requires {
  T::mantissa_bits;
};

/// Converts exactly, except that NaN payloads are lost.
template <class Small>
constexpr float to_float32(Small value) {
  constexpr int M = Small::mantissa_bits;
  const unsigned magnitude = value.bits & (Small::sign - 1);
  const std::uint32_t sign = (value.bits & Small::sign) != 0 ? 0x80000000U : 0U;
  if constexpr (std::is_same_v<Small, bfloat16_bits>) {
    // The upper half of a float32. No branch, so that compilers can vectorize.
    return std::bit_cast<float>(magnitude > Small::overflow ? 0x7fc00000U
                                                            : std::uint32_t{value.bits} << 16U);
  }
  if (magnitude >= Small::first_nan) return std::bit_cast<float>(0x7fc00000U);
  if (magnitude == Small::overflow) return std::bit_cast<float>(sign | 0x7f800000U);
  if (magnitude >> M == 0) {
    // Subnormal: the mantissa counts units of 2^(1 - bias - M), an exact product.
    constexpr double unit = [] {
      double power = 1;
      for (int i = 0; i < Small::bias + M - 1; ++i) power /= 2;
      return power;
    }();
    return std::bit_cast<float>(sign |
                                std::bit_cast<std::uint32_t>(static_cast<float>(magnitude * unit)));
  }
  const std::uint32_t rebias = static_cast<std::uint32_t>(127 - Small::bias) << 23U;
  return std::bit_cast<float>(sign | ((magnitude << (23U - M)) + rebias));
}

/// Rounds to the nearest value, ties to even.
template <class Small>
constexpr Small round_to(double value) {
  constexpr int M = Small::mantissa_bits;
  using storage = typename Small::storage;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const unsigned sign = (bits >> 63U) != 0 ? Small::sign : 0U;
  const int exponent = static_cast<int>((bits >> 52U) & 0x7ffU);
  const std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52U) - 1);
  if (exponent == 0x7ff) {
    return {static_cast<storage>(mantissa != 0 ? Small::nan : sign | Small::overflow)};
  }
  const int target = exponent - 1023 + Small::bias;
  // Treat exponent and mantissa as one number, so that rounding up can carry into the exponent.
  std::uint64_t number = (static_cast<std::uint64_t>(target) << 52U) | mantissa;
  unsigned shift = 52U - M;
  if (target < 1) {
    // Less than half of the smallest magnitude.
    if (target < -M) return {static_cast<storage>(sign)};
    number = (std::uint64_t{1} << 52U) | mantissa;
    shift += static_cast<unsigned>(1 - target);
  }
  const std::uint64_t rest = number & ((std::uint64_t{1} << shift) - 1);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  std::uint64_t rounded = number >> shift;
  if (rest > half || (rest == half && (rounded & 1U) != 0)) ++rounded;
  if (rounded >= Small::overflow) rounded = Small::overflow;
  return {static_cast<storage>(sign | rounded)};
}

template <class Integer>
constexpr Integer saturate(double value) {
  using limits = std::numeric_limits<Integer>;
  // One above the largest integer: a power of two is exact as a double, the largest integer may not
  // be.
  constexpr double above = 2.0 * static_cast<double>(Integer{1} << (limits::digits - 1));
  if (!(value == value)) return 0;
  if (value >= above) return limits::max();
  if (value <= static_cast<double>(limits::min())) return limits::min();
  return static_cast<Integer>(value);
}

/// Intermediate value of a cast: the exact value of an element of any castable type.
struct wide_element {
  enum class kind : std::uint8_t { real64, real, signed_integer, unsigned_integer };

  kind is = kind::real;
  double real = 0;            ///< value of `real64` (which was a float64) and `real`
  std::uint64_t integer = 0;  ///< value of the integer kinds, in two's complement
};

template <class From>
constexpr wide_element widen(From value) {
  using kind = wide_element::kind;
  if constexpr (std::is_same_v<From, bool_byte>) {
    return {.is = kind::unsigned_integer, .integer = value.bits != 0 ? 1U : 0U};
  } else if constexpr (is_small_float<From>) {
    return {.is = kind::real, .real = static_cast<double>(to_float32(value))};
  } else if constexpr (std::is_floating_point_v<From>) {
    return {.is = std::is_same_v<From, double> ? kind::real64 : kind::real,
            .real = static_cast<double>(value)};
  } else if constexpr (std::is_signed_v<From>) {
    return {.is = kind::signed_integer,
            .integer = static_cast<std::uint64_t>(static_cast<std::int64_t>(value))};
  } else {
    return {.is = kind::unsigned_integer, .integer = value};
  }
}

template <class To>
constexpr To narrow_real(double value, bool from_float64) {
  if constexpr (std::is_same_v<To, bool_byte>) {
    return {static_cast<std::uint8_t>(value != 0)};
  } else if constexpr (std::is_integral_v<To>) {
    return saturate<To>(value);
  } else if constexpr (is_small_float<To>) {
    constexpr bool two_bytes = sizeof(typename To::storage) == 2;
    if (two_bytes && from_float64)
      return round_to<To>(static_cast<double>(static_cast<float>(value)));
    return round_to<To>(value);
  } else {
    if (!(value == value)) return std::numeric_limits<To>::quiet_NaN();
    return static_cast<To>(value);
  }
}

template <class To>
constexpr To narrow(const wide_element& value) {
  using kind = wide_element::kind;
  if (value.is == kind::real || value.is == kind::real64) {
    return narrow_real<To>(value.real, value.is == kind::real64);
  }
  const auto as_signed = static_cast<std::int64_t>(value.integer);
  const bool is_signed = value.is == kind::signed_integer;
  if constexpr (std::is_same_v<To, bool_byte>) {
    return {static_cast<std::uint8_t>(value.integer != 0)};
  } else if constexpr (is_small_float<To>) {
    const float rounded =
        is_signed ? static_cast<float>(as_signed) : static_cast<float>(value.integer);
    return round_to<To>(static_cast<double>(rounded));
  } else if constexpr (std::is_floating_point_v<To>) {
    return is_signed ? static_cast<To>(as_signed) : static_cast<To>(value.integer);
  } else {
    return static_cast<To>(value.integer);
  }
}

/// The same as `round_to`, without a branch.
constexpr bfloat16_bits round_to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U;
  const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;
  return {static_cast<std::uint16_t>(is_nan ? bfloat16_bits::nan : rounded)};
}

template <class To, class From>
constexpr To cast_element(From value) {
  if constexpr (is_small_float<From> && std::is_same_v<To, float>) {
    return to_float32(value);
  } else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, bfloat16_bits>) {
    return round_to_bfloat16(value);
  } else {
    return narrow<To>(widen(value));
  }
}

/// Negates a number, or one component of a complex number, given by its bits. Bits above the number
/// stay 0. Requires `can_negate`.
constexpr std::uint64_t negate_bits(dtype type, std::uint64_t bits) {
  switch (type) {
    case dtype::float64:
    case dtype::complex128:
      return bits ^ (std::uint64_t{1} << 63U);
    case dtype::float32:
    case dtype::complex64:
      return bits ^ 0x80000000U;
    case dtype::float16:
    case dtype::bfloat16:
      return bits ^ 0x8000U;
    case dtype::float8_e5m2:
    case dtype::float8_e4m3fn:
      return bits ^ 0x80U;
    case dtype::int8:
    case dtype::uint8:
      return (0 - bits) & 0xffU;
    case dtype::int16:
    case dtype::uint16:
      return (0 - bits) & 0xffffU;
    case dtype::int32:
    case dtype::uint32:
      return (0 - bits) & 0xffffffffU;
    default:
      return 0 - bits;
  }
}

/// Whether `negate_bits` supports a type: not bool, nor floating-point types whose zero has only
/// one sign.
constexpr bool can_negate(dtype type) {
  switch (type) {
    case dtype::float64:
    case dtype::float32:
    case dtype::float16:
    case dtype::bfloat16:
    case dtype::float8_e5m2:
    case dtype::float8_e4m3fn:
    case dtype::complex64:
    case dtype::complex128:
    case dtype::int8:
    case dtype::int16:
    case dtype::int32:
    case dtype::int64:
    case dtype::uint8:
    case dtype::uint16:
    case dtype::uint32:
    case dtype::uint64:
      return true;
    default:
      return false;
  }
}

/// Converts dense elements on the host. Source and destination have any alignment and do not
/// overlap.
class element_converter {
 public:
  /// Requires equal dtypes or `can_cast`.
  explicit element_converter(const conversion& how);
  void operator()(const std::byte* source, std::byte* destination, std::size_t count) const;

 private:
  using cast_function = void (*)(const std::byte*, std::byte*, std::size_t);

  void prepare(const std::byte* source, std::byte* destination, std::size_t count) const;

  conversion how_;
  cast_function cast_;  ///< null if the dtypes are equal
};

}  // namespace warmstart::detail

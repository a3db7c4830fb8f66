#pragma once

#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "warmstart/export.hpp"

namespace warmstart {

/// Element types of checkpoint tensors and variables. The values are TensorFlow's DataType numbers,
/// which its checkpoints store.
enum class dtype : std::uint8_t {
  invalid = 0,
  float32 = 1,
  float64 = 2,
  int32 = 3,
  uint8 = 4,
  int16 = 5,
  int8 = 6,
  string = 7,
  complex64 = 8,
  int64 = 9,
  boolean = 10,
  qint8 = 11,
  quint8 = 12,
  qint32 = 13,
  bfloat16 = 14,
  qint16 = 15,
  quint16 = 16,
  uint16 = 17,
  complex128 = 18,
  float16 = 19,
  resource = 20,
  variant = 21,
  uint32 = 22,
  uint64 = 23,
  float8_e5m2 = 24,
  float8_e4m3fn = 25,
  float8_e4m3fnuz = 26,
  float8_e4m3b11fnuz = 27,
  float8_e5m2fnuz = 28,
  int4 = 29,
  uint4 = 30,
  int2 = 31,
  uint2 = 32,
  float4_e2m1fn = 33,
  // Dtypes of other formats, for which TensorFlow has no number.
  float8_e8m0fnu = 34,
  float6_e2m3fn = 35,
  float6_e3m2fn = 36,
};

/// The dtype of a C++ type; `invalid` for a type without one. Specialize it for your own types:
///
///     template <>
///     inline constexpr warmstart::dtype warmstart::dtype_of<__half> = warmstart::dtype::float16;
template <class Element>
inline constexpr dtype dtype_of = [] {
  if constexpr (std::same_as<Element, bool>) return dtype::boolean;
  if constexpr (std::same_as<Element, float>) return dtype::float32;
  if constexpr (std::same_as<Element, double>) return dtype::float64;
  if constexpr (std::same_as<Element, std::complex<float>>) return dtype::complex64;
  if constexpr (std::same_as<Element, std::complex<double>>) return dtype::complex128;
  if constexpr (std::integral<Element> && !std::same_as<Element, bool>) {
    if constexpr (std::signed_integral<Element>) {
      switch (sizeof(Element)) {
        case 1:
          return dtype::int8;
        case 2:
          return dtype::int16;
        case 4:
          return dtype::int32;
        case 8:
          return dtype::int64;
      }
    } else {
      switch (sizeof(Element)) {
        case 1:
          return dtype::uint8;
        case 2:
          return dtype::uint16;
        case 4:
          return dtype::uint32;
        case 8:
          return dtype::uint64;
      }
    }
  }
  return dtype::invalid;
}();

/// TensorFlow's name (`float32`, `bool`, ...); for dtypes unknown to TensorFlow, the name in
/// ml_dtypes.
[[nodiscard]] WARMSTART_EXPORT std::string_view name_of(dtype type) noexcept;
/// The dtype with that name, or nothing for an unknown name. Also accepts TensorFlow's aliases
/// `float` (`float32`), `double` (`float64`) and `half` (`float16`).
[[nodiscard]] WARMSTART_EXPORT std::optional<dtype> dtype_from_name(std::string_view name) noexcept;
/// The dtype with TensorFlow's number, or nothing for 0, reference types and unknown numbers.
[[nodiscard]] WARMSTART_EXPORT std::optional<dtype> dtype_from_number(std::int64_t number) noexcept;

/// Size of an element in bytes, in memory and in files; 0 for types without a fixed size (string,
/// resource, variant). Types of less than a byte occupy a whole byte, as in TensorFlow.
[[nodiscard]] WARMSTART_EXPORT std::size_t size_of(dtype type) noexcept;
/// Size in bytes of the units that a byte swap reverses: half an element for complex numbers, else
/// a whole element. 1 means that there is nothing to swap.
[[nodiscard]] WARMSTART_EXPORT std::size_t swap_unit(dtype type) noexcept;
[[nodiscard]] WARMSTART_EXPORT bool is_floating(dtype type) noexcept;
[[nodiscard]] WARMSTART_EXPORT bool is_integer(dtype type) noexcept;
/// True if `init_options::cast` can convert `from` to `to`. Both must be one of: float64/32/16,
/// bfloat16, float8_e4m3fn, float8_e5m2, the integers of 8 to 64 bits, and bool.
[[nodiscard]] WARMSTART_EXPORT bool can_cast(dtype from, dtype to) noexcept;

}  // namespace warmstart

#include "core/fill.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "core/box.hpp"
#include "core/element_convert.hpp"
#include "core/random_value.hpp"

namespace warmstart {
namespace {

// Calls `visit` with a value of the type that elements of a castable dtype have.
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

struct integer_range {
  double lowest;
  double highest;
};

integer_range range_of(dtype type) {
  if (type == dtype::int4) return {-8, 7};
  if (type == dtype::uint4) return {0, 15};
  if (type == dtype::int2) return {-2, 1};
  if (type == dtype::uint2) return {0, 3};
  if (type == dtype::boolean) return {0, 1};
  return with_element_type(type, [](auto element) -> integer_range {
    if constexpr (std::is_integral_v<decltype(element)>) {
      using limits = std::numeric_limits<decltype(element)>;
      return {static_cast<double>(limits::min()), static_cast<double>(limits::max())};
    }
    return {0, 0};
  });
}

// The bits of 1 in the float types that are not cast; 0 for all others.
std::uint8_t rare_float_one(dtype type) {
  switch (type) {
    case dtype::float8_e4m3fnuz:
      return 0x40;
    case dtype::float8_e4m3b11fnuz:
      return 0x58;
    case dtype::float8_e5m2fnuz:
      return 0x40;
    case dtype::float4_e2m1fn:
      return 0x02;
    default:
      return 0;
  }
}

bool is_castable_float(dtype type) {
  return is_floating(type) && rare_float_one(type) == 0;
}
bool is_complex(dtype type) {
  return type == dtype::complex64 || type == dtype::complex128;
}

std::array<std::byte, 16> constant_element(double value, dtype type) {
  std::array<std::byte, 16> bytes{};
  if (rare_float_one(type) != 0) {
    bytes[0] = std::byte{value == 0 ? std::uint8_t{0} : rare_float_one(type)};
    return bytes;
  }
  dtype real = type;
  if (type == dtype::complex64) real = dtype::float32;
  if (type == dtype::complex128) real = dtype::float64;
  with_element_type(real, [&](auto element) {
    element = cast_element<decltype(element)>(value);
    std::memcpy(bytes.data(), &element, sizeof(element));
  });
  return bytes;
}

// `make(index)` for every element of the row, by its index in the full variable.
template <class Make>
void for_each_element(const shape& full_shape, const slice& where, std::size_t element_bytes,
                      std::byte* destination, const Make& make) {
  if (where.lengths().element_count() == 0) return;
  // The row's elements in order; each range is a run of the full variable.
  std::vector<span_range> runs;
  source_ranges(make_box(slice::all_of(full_shape), where, where), 0, runs);
  for (const span_range& run : runs) {
    for (std::int64_t index = run.begin; index < run.end; ++index, destination += element_bytes) {
      const auto element = make(static_cast<std::uint64_t>(index));
      std::memcpy(destination, &element, sizeof(element));
    }
  }
}

// The next smaller or greater number that the type has.
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

template <class T>
double number(T value) {
  return cast_element<double>(value);
}

template <class T>
void fill_floats(const fill_spec& spec, const shape& full_shape, const slice& where,
                 std::byte* destination) {
  if (spec.kind != fill_spec::distribution::uniform || spec.a == spec.b) {
    for_each_element(full_shape, where, sizeof(T), destination, [&](std::uint64_t index) {
      return cast_element<T>(random_value(spec, index));
    });
    return;
  }
  // Rounding to the type must not leave [a, b).
  T lowest = cast_element<T>(spec.a);
  if (number(lowest) < spec.a) lowest = neighbour(lowest, true);
  T highest = cast_element<T>(spec.b);
  if (number(highest) >= spec.b) highest = neighbour(highest, false);
  for_each_element(full_shape, where, sizeof(T), destination, [&](std::uint64_t index) {
    const T value = cast_element<T>(random_value(spec, index));
    if (number(value) < spec.a) return lowest;
    return number(value) >= spec.b ? highest : value;
  });
}

}  // namespace

bool can_fill(const fill_spec& spec, dtype type) noexcept {
  if (size_of(type) == 0) return false;
  if (spec.kind == fill_spec::distribution::constant) {
    if (rare_float_one(type) != 0) return spec.a == 0 || spec.a == 1;
    if (is_floating(type) || is_complex(type)) return true;
    const integer_range range = range_of(type);
    return spec.a == std::trunc(spec.a) && spec.a >= range.lowest && spec.a <= range.highest;
  }
  if (is_castable_float(type)) return true;
  if (spec.kind != fill_spec::distribution::uniform || !is_integer(type) || !can_cast(type, type)) {
    return false;
  }
  const integer_range range = range_of(type);
  return spec.a == std::trunc(spec.a) && spec.b == std::trunc(spec.b) && spec.a < spec.b &&
         spec.a >= range.lowest && spec.b - 1 <= range.highest && spec.b - spec.a < 0x1p63;
}

void fill_elements(const fill_spec& spec, dtype type, const shape& full_shape, const slice& where,
                   std::byte* destination) {
  if (spec.kind == fill_spec::distribution::constant) {
    const auto element = constant_element(spec.a, type);
    const std::size_t size = size_of(type);
    const auto count = static_cast<std::size_t>(where.lengths().element_count());
    for (std::size_t i = 0; i < count; ++i)
      std::memcpy(destination + i * size, element.data(), size);
    return;
  }
  with_element_type(type, [&](auto element) {
    using element_type = decltype(element);
    if constexpr (std::is_integral_v<element_type>) {
      const auto minval = static_cast<std::int64_t>(spec.a);
      const auto range = static_cast<std::uint64_t>(spec.b - spec.a);
      for_each_element(
          full_shape, where, sizeof(element_type), destination, [&](std::uint64_t index) {
            return static_cast<element_type>(random_integer(spec.seed, index, minval, range));
          });
    } else if constexpr (!std::is_same_v<element_type, bool_byte>) {
      fill_floats<element_type>(spec, full_shape, where, destination);
    }
  });
}

}  // namespace warmstart

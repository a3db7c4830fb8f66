#include "core/fill.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/box.hpp"
#include "core/fill_element.hpp"

namespace warmstart {
namespace {

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
    case dtype::float8_e8m0fnu:
      return 0x7f;
    case dtype::float6_e2m3fn:
      return 0x08;
    case dtype::float6_e3m2fn:
      return 0x0c;
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

// `make(index)` for every element of `where`, by its index in the full variable.
template <class Make>
void for_each_element(const shape& full_shape, const slice& where, const slice& row,
                      std::size_t element_bytes, std::byte* destination, const Make& make) {
  if (where.lengths().element_count() == 0) return;
  const box wanted = make_box(slice::all_of(full_shape), row, where);
  for_each_run(wanted, [&](std::int64_t first, std::int64_t position) {
    std::byte* to = destination + position * static_cast<std::int64_t>(element_bytes);
    for (std::int64_t index = first; index < first + wanted.run; ++index, to += element_bytes) {
      const auto element = make(static_cast<std::uint64_t>(index));
      std::memcpy(to, &element, element_bytes);
    }
  });
}

}  // namespace

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
                   const slice& row, std::byte* destination) {
  const auto fill = [&](const auto& make) {
    for_each_element(full_shape, where, row, size_of(type), destination, make);
  };
  if (spec.kind == fill_spec::distribution::constant) {
    const auto element = constant_element(spec.a, type);
    fill([&](std::uint64_t /*index*/) { return element; });
  } else {
    with_random_maker(spec, type, fill);
  }
}

}  // namespace warmstart

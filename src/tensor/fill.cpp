#include "tensor/fill.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>

#include "tensor/box.hpp"
#include "tensor/fill_element.hpp"
#include "tensor/repeat_element.hpp"

namespace warmstart::detail {
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

// The bits of 1 in floating-point types that cannot be cast; 0 for all other types.
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

// Calls `fill(first, bytes)` for every run: `first` is the source position of its first element,
// `bytes` its destination.
template <class Fill>
void for_each_filled_run(const box& elements, std::size_t element_bytes, std::byte* destination,
                         const Fill& fill) {
  const std::size_t run_bytes = static_cast<std::size_t>(elements.run) * element_bytes;
  for_each_run(elements, [&](std::int64_t first, std::int64_t position) {
    std::byte* const to = destination + static_cast<std::size_t>(position) * element_bytes;
    fill(static_cast<std::uint64_t>(first), std::span(to, run_bytes));
  });
}

// Takes the maker by value: through a reference, the compiler would have to reload it after every
// store, which could alias it.
template <class Make>
void make_run(const Make make, std::uint64_t first, std::span<std::byte> to) {
  using element_type = decltype(make(first));
  const std::size_t count = to.size() / sizeof(element_type);
  for (std::size_t i = 0; i < count; ++i) {
    const element_type element = make(first + i);
    std::memcpy(to.data() + i * sizeof(element_type), &element, sizeof(element_type));
  }
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

bool makes_zeros(const fill_spec& spec, dtype type) {
  return spec.kind == fill_spec::distribution::constant &&
         constant_element(spec.a, type) == std::array<std::byte, 16>{};
}

void fill_elements(const fill_spec& spec, dtype type, const shape& full_shape, const slice& where,
                   const slice& row, std::byte* destination) {
  if (where.lengths().element_count() == 0) return;
  const std::size_t size = size_of(type);
  if (spec.kind == fill_spec::distribution::constant) {
    const auto bytes = constant_element(spec.a, type);
    // The value does not depend on the position in the full variable, so use the longest runs in
    // the row.
    for_each_filled_run(make_box(row, row, where), size, destination,
                        [element = std::span(bytes).first(size)](std::uint64_t /*first*/, auto to) {
                          repeat_element(to, element);
                        });
    return;
  }
  const box elements = make_box(slice::all_of(full_shape), row, where);
  with_random_maker(spec, type, [&](const auto& make) {
    for_each_filled_run(elements, size, destination,
                        [&](std::uint64_t first, auto to) { make_run(make, first, to); });
  });
}

}  // namespace warmstart::detail

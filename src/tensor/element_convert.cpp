#include "tensor/element_convert.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace warmstart::detail {
namespace {

constexpr std::array CASTABLE = {
    dtype::float64,       dtype::float32, dtype::float16, dtype::bfloat16, dtype::float8_e5m2,
    dtype::float8_e4m3fn, dtype::int8,    dtype::int16,   dtype::int32,    dtype::int64,
    dtype::uint8,         dtype::uint16,  dtype::uint32,  dtype::uint64,   dtype::boolean};

template <dtype FROM, dtype TO>
void cast_elements(const std::byte* source, std::byte* destination, std::size_t count) {
  using from_type = typename element_of<FROM>::type;
  using to_type = typename element_of<TO>::type;
  for (std::size_t i = 0; i < count; ++i) {
    from_type value;
    std::memcpy(&value, source + i * sizeof(value), sizeof(value));
    const auto made = cast_element<to_type>(value);
    std::memcpy(destination + i * sizeof(made), &made, sizeof(made));
  }
}

using cast_function = void (*)(const std::byte*, std::byte*, std::size_t);

template <std::size_t... I>
constexpr auto cast_table(std::index_sequence<I...> /*pairs*/) {
  constexpr std::size_t N = CASTABLE.size();
  return std::array<cast_function, N * N>{&cast_elements<CASTABLE[I / N], CASTABLE[I % N]>...};
}

constexpr auto CASTS = cast_table(std::make_index_sequence<CASTABLE.size() * CASTABLE.size()>());

std::size_t position(dtype type) {
  return static_cast<std::size_t>(std::find(CASTABLE.begin(), CASTABLE.end(), type) -
                                  CASTABLE.begin());
}

template <class Unit>
void swap_units(const std::byte* source, std::byte* destination, std::size_t size_bytes) {
  for (std::size_t at = 0; at < size_bytes; at += sizeof(Unit)) {
    Unit value;
    std::memcpy(&value, source + at, sizeof(value));
    if constexpr (sizeof(Unit) == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof(Unit) == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof(Unit) == 8) value = __builtin_bswap64(value);
    std::memcpy(destination + at, &value, sizeof(value));
  }
}

void swap_elements(dtype type, const std::byte* source, std::byte* destination, std::size_t count) {
  const std::size_t size_bytes = count * size_of(type);
  switch (swap_unit(type)) {
    case 2:
      return swap_units<std::uint16_t>(source, destination, size_bytes);
    case 4:
      return swap_units<std::uint32_t>(source, destination, size_bytes);
    case 8:
      return swap_units<std::uint64_t>(source, destination, size_bytes);
    default:
      std::memcpy(destination, source, size_bytes);
  }
}

// Negates and conjugates in place. Conjugation changes the sign of the imaginary component only.
template <class Number>
void change_signs(const conversion& how, std::byte* elements, std::size_t count) {
  const bool complex = size_of(how.from) != sizeof(Number);
  const bool second = how.conjugated != how.negated;
  for (std::size_t i = 0; i < (complex ? 2 * count : count); ++i) {
    if (!(complex && i % 2 != 0 ? second : how.negated)) continue;
    Number bits;
    std::memcpy(&bits, elements + i * sizeof(bits), sizeof(bits));
    bits = static_cast<Number>(negate_bits(how.from, bits));
    std::memcpy(elements + i * sizeof(bits), &bits, sizeof(bits));
  }
}

void change_signs(const conversion& how, std::byte* elements, std::size_t count) {
  switch (swap_unit(how.from)) {
    case 2:
      return change_signs<std::uint16_t>(how, elements, count);
    case 4:
      return change_signs<std::uint32_t>(how, elements, count);
    case 8:
      return change_signs<std::uint64_t>(how, elements, count);
    default:
      return change_signs<std::uint8_t>(how, elements, count);
  }
}

}  // namespace

element_converter::element_converter(const conversion& how)
    : how_(how),
      cast_(how.from == how.to ? nullptr
                               : CASTS[position(how.from) * CASTABLE.size() + position(how.to)]) {}

// Everything except the cast.
void element_converter::prepare(const std::byte* source, std::byte* destination,
                                std::size_t count) const {
  swap_elements(how_.swapped ? how_.from : dtype::uint8, source, destination,
                how_.swapped ? count : count * size_of(how_.from));
  if (how_.changes_sign()) change_signs(how_, destination, count);
}

void element_converter::operator()(const std::byte* source, std::byte* destination,
                                   std::size_t count) const {
  if (cast_ == nullptr) {
    prepare(source, destination, count);
    return;
  }
  if (!how_.swapped && !how_.changes_sign()) {
    cast_(source, destination, count);
    return;
  }
  constexpr std::size_t BATCH = 256;
  std::array<std::byte, BATCH * 8> prepared;
  for (std::size_t done = 0; done < count; done += BATCH) {
    const std::size_t now = std::min(BATCH, count - done);
    prepare(source + done * size_of(how_.from), prepared.data(), now);
    cast_(prepared.data(), destination + done * size_of(how_.to), now);
  }
}

}  // namespace warmstart::detail

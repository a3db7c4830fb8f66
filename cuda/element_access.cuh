#pragma once

#include <cstdint>

#include "tensor/element_convert.hpp"

namespace warmstart::detail {

// Element access in kernels: at any address, with byte swaps and casts.

/// The bits of an element of up to 16 bytes, little endian.
struct element_bits {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

__device__ inline std::uint32_t size_on_device(dtype type) {
  switch (type) {
    case dtype::complex128:
      return 16;
    case dtype::float64:
    case dtype::int64:
    case dtype::uint64:
    case dtype::complex64:
      return 8;
    case dtype::float32:
    case dtype::int32:
    case dtype::uint32:
    case dtype::qint32:
      return 4;
    case dtype::float16:
    case dtype::bfloat16:
    case dtype::int16:
    case dtype::uint16:
    case dtype::qint16:
    case dtype::quint16:
      return 2;
    default:
      return 1;
  }
}

/// Reads an unaligned element by whole words, but only words that contain a byte of it.
__device__ inline element_bits load_unaligned(std::uintptr_t at, std::uint32_t size) {
  const auto* words = reinterpret_cast<const std::uint32_t*>(at & ~std::uintptr_t{3});
  const auto offset = static_cast<std::uint32_t>(at & 3U);
  const std::uint32_t count = (offset + size + 3) / 4;
  std::uint32_t value[5] = {};
  for (std::uint32_t i = 0; i < 5; ++i) {
    if (i < count) value[i] = words[i];
  }
  std::uint32_t made[4];
  for (std::uint32_t i = 0; i < 4; ++i) {
    made[i] = __funnelshift_r(value[i], value[i + 1], 8 * offset);
  }
  return {.low = made[0] | (std::uint64_t{made[1]} << 32U),
          .high = made[2] | (std::uint64_t{made[3]} << 32U)};
}

__device__ inline element_bits load_element(std::uintptr_t at, std::uint32_t size) {
  if ((at & (size - 1)) != 0) return load_unaligned(at, size);
  switch (size) {
    case 1:
      return {.low = *reinterpret_cast<const std::uint8_t*>(at)};
    case 2:
      return {.low = *reinterpret_cast<const std::uint16_t*>(at)};
    case 4:
      return {.low = *reinterpret_cast<const std::uint32_t*>(at)};
    case 8:
      return {.low = *reinterpret_cast<const std::uint64_t*>(at)};
    default: {
      const auto both = *reinterpret_cast<const ulonglong2*>(at);
      return {.low = both.x, .high = both.y};
    }
  }
}

__device__ inline void store_element(std::uintptr_t at, std::uint32_t size,
                                     const element_bits& bits) {
  if ((at & (size - 1)) != 0) {
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::uint64_t word = i < 8 ? bits.low : bits.high;
      *reinterpret_cast<std::uint8_t*>(at + i) = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
    }
    return;
  }
  switch (size) {
    case 1:
      *reinterpret_cast<std::uint8_t*>(at) = static_cast<std::uint8_t>(bits.low);
      break;
    case 2:
      *reinterpret_cast<std::uint16_t*>(at) = static_cast<std::uint16_t>(bits.low);
      break;
    case 4:
      *reinterpret_cast<std::uint32_t*>(at) = static_cast<std::uint32_t>(bits.low);
      break;
    case 8:
      *reinterpret_cast<std::uint64_t*>(at) = bits.low;
      break;
    default:
      *reinterpret_cast<ulonglong2*>(at) = make_ulonglong2(bits.low, bits.high);
  }
}

__device__ inline std::uint32_t reverse_bytes(std::uint32_t word) {
  return __byte_perm(word, 0, 0x0123);
}
__device__ inline std::uint64_t reverse_bytes(std::uint64_t word) {
  const auto low = static_cast<std::uint32_t>(word);
  const auto high = static_cast<std::uint32_t>(word >> 32U);
  return (std::uint64_t{reverse_bytes(low)} << 32U) | reverse_bytes(high);
}

/// Reverses the bytes of an element, or of each component of a complex element.
__device__ inline element_bits swap_element(dtype type, const element_bits& bits) {
  const std::uint32_t size = size_on_device(type);
  if (size == 16) return {.low = reverse_bytes(bits.low), .high = reverse_bytes(bits.high)};
  const std::uint64_t all = reverse_bytes(bits.low);
  if (type == dtype::complex64) return {.low = (all << 32U) | (all >> 32U)};
  return {.low = all >> (8 * (8 - size))};
}

/// Negates and conjugates. Conjugation changes the sign of the imaginary component only.
__device__ inline element_bits change_sign(dtype type, const element_bits& bits, bool conjugated,
                                           bool negated) {
  const bool second = conjugated != negated;
  if (type == dtype::complex128) {
    return {.low = negated ? negate_bits(type, bits.low) : bits.low,
            .high = second ? negate_bits(type, bits.high) : bits.high};
  }
  if (type == dtype::complex64) {
    const std::uint64_t first = negated ? negate_bits(type, bits.low & 0xffffffffU) : bits.low;
    const std::uint64_t last = second ? negate_bits(type, bits.low >> 32U) : bits.low >> 32U;
    return {.low = (first & 0xffffffffU) | (last << 32U)};
  }
  return negated ? element_bits{.low = negate_bits(type, bits.low)} : bits;
}

/// Calls `visit` with a value of the C++ type of a dtype that `can_cast` supports.
template <class Visit>
__device__ auto with_castable(dtype type, Visit visit) {
  switch (type) {
    case dtype::float64:
      return visit(element_of<dtype::float64>::type{});
    case dtype::float32:
      return visit(element_of<dtype::float32>::type{});
    case dtype::float16:
      return visit(element_of<dtype::float16>::type{});
    case dtype::bfloat16:
      return visit(element_of<dtype::bfloat16>::type{});
    case dtype::float8_e5m2:
      return visit(element_of<dtype::float8_e5m2>::type{});
    case dtype::float8_e4m3fn:
      return visit(element_of<dtype::float8_e4m3fn>::type{});
    case dtype::int8:
      return visit(element_of<dtype::int8>::type{});
    case dtype::int16:
      return visit(element_of<dtype::int16>::type{});
    case dtype::int32:
      return visit(element_of<dtype::int32>::type{});
    case dtype::int64:
      return visit(element_of<dtype::int64>::type{});
    case dtype::uint8:
      return visit(element_of<dtype::uint8>::type{});
    case dtype::uint16:
      return visit(element_of<dtype::uint16>::type{});
    case dtype::uint32:
      return visit(element_of<dtype::uint32>::type{});
    case dtype::uint64:
      return visit(element_of<dtype::uint64>::type{});
    default:
      return visit(bool_byte{});
  }
}

__device__ inline element_bits cast_bits(dtype from, dtype to, const element_bits& bits) {
  const wide_element wide = with_castable(from, [&](auto value) {
    memcpy(&value, &bits.low, sizeof(value));
    return widen(value);
  });
  return with_castable(to, [&](auto value) {
    value = narrow<decltype(value)>(wide);
    element_bits made;
    memcpy(&made.low, &value, sizeof(value));
    return made;
  });
}

}  // namespace warmstart::detail

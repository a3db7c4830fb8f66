#include "tensor/element_convert.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace warmstart::detail {
namespace {

constexpr float INF = std::numeric_limits<float>::infinity();
constexpr double NAN64 = std::numeric_limits<double>::quiet_NaN();

// The value by its definition: sign, exponent and mantissa spelled out.
template <class Small>
double value_of(unsigned bits, int exponent_bits, bool finite) {
  const int m = Small::mantissa_bits;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const double sign = (bits >> (exponent_bits + m)) != 0 ? -1 : 1;
  const int exponent = static_cast<int>((bits >> m) & ((1U << exponent_bits) - 1));
  const double mantissa = static_cast<double>(bits & ((1U << m) - 1)) / (1 << m);
  const bool top = exponent == (1 << exponent_bits) - 1;
  if (finite && top && mantissa == 1 - 1.0 / (1 << m)) return NAN64;
  if (!finite && top) return mantissa == 0 ? sign * INF : NAN64;
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias);
  return sign * std::ldexp(1 + mantissa, exponent - bias);
}

template <class Small>
void check_all_patterns(int exponent_bits, bool finite) {
  const unsigned count = Small::sign * 2;
  double previous = 0;
  for (unsigned bits = 0; bits < count; ++bits) {
    const Small value{static_cast<typename Small::storage>(bits)};
    const double expected = value_of<Small>(bits, exponent_bits, finite);
    const double found = to_float32(value);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(found)) << bits;
      EXPECT_EQ(round_to<Small>(found).bits, Small::nan) << bits;
      continue;
    }
    EXPECT_EQ(found, expected) << bits;
    EXPECT_EQ(std::signbit(found), std::signbit(expected)) << bits;
    EXPECT_EQ(round_to<Small>(expected).bits, bits);
    // Between two neighbours: the half goes to the even one, anything else to the nearer.
    if (bits != 0 && bits < Small::sign && std::isfinite(expected)) {
      const double middle = (previous + expected) / 2;
      EXPECT_EQ(round_to<Small>(middle).bits, bits % 2 == 0 ? bits : bits - 1) << bits;
      EXPECT_EQ(round_to<Small>(std::nextafter(middle, INF)).bits, bits);
      EXPECT_EQ(round_to<Small>(std::nextafter(middle, 0.0)).bits, bits - 1);
    }
    previous = expected;
  }
}

TEST(element_convert, every_pattern_of_the_small_floats) {
  check_all_patterns<float16_bits>(5, false);
  check_all_patterns<bfloat16_bits>(8, false);
  check_all_patterns<float8_e5m2_bits>(5, false);
  check_all_patterns<float8_e4m3fn_bits>(4, true);
}

TEST(element_convert, beyond_the_range_is_infinity_or_nan) {
  EXPECT_EQ(round_to<float16_bits>(65519.9).bits, 0x7bff);
  EXPECT_EQ(round_to<float16_bits>(65520).bits, 0x7c00);
  EXPECT_EQ(round_to<float16_bits>(-INF).bits, 0xfc00);
  EXPECT_EQ(round_to<bfloat16_bits>(3.4e38).bits, 0x7f80);
  EXPECT_EQ(round_to<float8_e5m2_bits>(1e9).bits, 0x7c);
  EXPECT_EQ(round_to<float8_e4m3fn_bits>(464).bits, 0x7e);
  EXPECT_EQ(round_to<float8_e4m3fn_bits>(465).bits, 0x7f);
  EXPECT_EQ(round_to<float8_e4m3fn_bits>(-INF).bits, 0xff);
}

TEST(element_convert, floats_to_integers_truncate_and_saturate) {
  EXPECT_EQ(cast_element<std::int32_t>(-1.99F), -1);
  EXPECT_EQ(cast_element<std::int32_t>(3e9F), std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(cast_element<std::int32_t>(-3e9F), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(cast_element<std::uint8_t>(-0.5), 0);
  EXPECT_EQ(cast_element<std::uint8_t>(-5.0), 0);
  EXPECT_EQ(cast_element<std::uint8_t>(255.9), 255);
  EXPECT_EQ(cast_element<std::uint8_t>(256.0), 255);
  EXPECT_EQ(cast_element<std::int64_t>(9.3e18), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(cast_element<std::int64_t>(-9223372036854775808.0),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(cast_element<std::uint64_t>(18446744073709549568.0), 18446744073709549568U);
  EXPECT_EQ(cast_element<std::uint64_t>(INF), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(cast_element<std::int16_t>(NAN64), 0);
  EXPECT_EQ(cast_element<std::int8_t>(float16_bits{0xfc00}), -128);
}

TEST(element_convert, integers_wrap_and_round) {
  EXPECT_EQ(cast_element<std::int8_t>(std::int32_t{300}), 44);
  EXPECT_EQ(cast_element<std::uint16_t>(std::int64_t{-1}), 65535);
  EXPECT_EQ(cast_element<float>(std::int64_t{(1LL << 24) + 1}), 16777216.0F);
  // By way of float32, as TensorFlow: 2^25 + 2^17 + 1 would round up to bfloat16 at once.
  EXPECT_EQ(cast_element<bfloat16_bits>(std::int64_t{(1LL << 25) + (1LL << 17) + 1}).bits,
            round_to<bfloat16_bits>(33685504.0).bits);
  EXPECT_EQ(cast_element<float16_bits>(1.0 + std::ldexp(1.0, -11) + std::ldexp(1.0, -40)).bits,
            0x3c00);
}

TEST(element_convert, bools_are_bytes_that_are_not_zero) {
  EXPECT_EQ(cast_element<float>(bool_byte{7}), 1.0F);
  EXPECT_EQ(cast_element<bool_byte>(-0.0).bits, 0);
  EXPECT_EQ(cast_element<bool_byte>(NAN64).bits, 1);
  EXPECT_EQ(cast_element<bool_byte>(std::int64_t{1} << 40).bits, 1);
}

TEST(element_convert, nan_results_are_canonical) {
  const float odd_nan = std::bit_cast<float>(0xffc12345U);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(cast_element<double>(odd_nan)), 0x7ff8000000000000U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(cast_element<float>(-NAN64)), 0x7fc00000U);
  EXPECT_EQ(cast_element<float16_bits>(odd_nan).bits, 0x7e00);
  EXPECT_EQ(cast_element<bfloat16_bits>(odd_nan).bits, 0x7fc0);
  EXPECT_EQ(cast_element<float8_e5m2_bits>(odd_nan).bits, 0x7e);
  EXPECT_EQ(cast_element<float8_e4m3fn_bits>(odd_nan).bits, 0x7f);
}

TEST(element_convert, float32_to_bfloat16_rounds_as_the_general_way) {
  for (std::uint32_t upper = 0; upper < 0x10000; ++upper) {
    for (const std::uint32_t lower : {0x0000U, 0x0001U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
      const auto value = std::bit_cast<float>((upper << 16U) | lower);
      ASSERT_EQ(cast_element<bfloat16_bits>(value).bits,
                round_to<bfloat16_bits>(static_cast<double>(value)).bits)
          << std::hex << upper << lower;
    }
  }
}

TEST(element_convert, converts_unaligned_swapped_elements) {
  std::vector<std::byte> source(1 + 4 * 1000);
  std::vector<std::byte> destination(1 + 2 * 1000);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const std::uint32_t swapped = __builtin_bswap32(i * 70'000U);
    std::memcpy(source.data() + 1 + 4 * i, &swapped, 4);
  }
  element_converter({.from = dtype::uint32, .to = dtype::uint16, .swapped = true})(
      source.data() + 1, destination.data() + 1, 1000);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    std::uint16_t found = 0;
    std::memcpy(&found, destination.data() + 1 + 2 * i, 2);
    EXPECT_EQ(found, static_cast<std::uint16_t>(i * 70'000U));
  }
}

TEST(element_convert, swaps_each_part_of_a_complex_number) {
  std::vector<std::byte> source(16), destination(16);
  for (std::size_t i = 0; i < 16; ++i) source[i] = std::byte(i);
  element_converter({.from = dtype::complex128, .to = dtype::complex128, .swapped = true})(
      source.data(), destination.data(), 1);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(destination[i], source[i / 8 * 8 + 7 - i % 8]);
}

template <class Number>
std::vector<Number> converted(const conversion& how, std::vector<Number> numbers) {
  std::vector<Number> made(numbers.size());
  const element_converter convert(how);
  convert(reinterpret_cast<const std::byte*>(numbers.data()),
          reinterpret_cast<std::byte*>(made.data()),
          numbers.size() * sizeof(Number) / size_of(how.from));
  return made;
}

TEST(element_convert, changes_the_signs_of_complex_numbers_part_by_part) {
  const auto of = [](bool conjugated, bool negated) {
    return converted<float>({.from = dtype::complex64,
                             .to = dtype::complex64,
                             .conjugated = conjugated,
                             .negated = negated},
                            {1, 2, -3, 0});
  };
  EXPECT_EQ(of(true, false), (std::vector<float>{1, -2, -3, -0.0F}));
  EXPECT_EQ(of(false, true), (std::vector<float>{-1, -2, 3, -0.0F}));
  EXPECT_EQ(of(true, true), (std::vector<float>{-1, 2, 3, 0}));
  EXPECT_EQ(converted<double>(
                {.from = dtype::complex128, .to = dtype::complex128, .conjugated = true}, {1, 2}),
            (std::vector<double>{1, -2}));
}

TEST(element_convert, negates_numbers_of_every_kind) {
  const auto negated = [](dtype type, auto numbers) {
    return converted(conversion{.from = type, .to = type, .negated = true}, std::move(numbers));
  };
  EXPECT_EQ(negated(dtype::float64, std::vector<double>{1, -2}), (std::vector<double>{-1, 2}));
  EXPECT_EQ(negated(dtype::int32, std::vector<std::int32_t>{5, INT32_MIN}),
            (std::vector<std::int32_t>{-5, INT32_MIN}));
  EXPECT_EQ(negated(dtype::uint8, std::vector<std::uint8_t>{0, 1}),
            (std::vector<std::uint8_t>{0, 255}));
  EXPECT_EQ(negated(dtype::int64, std::vector<std::int64_t>{7}), (std::vector<std::int64_t>{-7}));
  EXPECT_EQ(negated(dtype::float16, std::vector<std::uint16_t>{0x3c00}),
            (std::vector<std::uint16_t>{0xbc00}));
  EXPECT_FALSE(can_negate(dtype::boolean));
  EXPECT_FALSE(can_negate(dtype::float8_e4m3fnuz)) << "-0 is NaN";
}

TEST(element_convert, changes_signs_between_the_swap_and_the_cast) {
  std::vector<std::byte> source(4 * 1000);
  std::vector<double> destination(1000);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const std::uint32_t swapped = __builtin_bswap32(i);
    std::memcpy(source.data() + 4 * i, &swapped, 4);
  }
  element_converter({.from = dtype::int32, .to = dtype::float64, .swapped = true, .negated = true})(
      source.data(), reinterpret_cast<std::byte*>(destination.data()), 1000);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(destination[i], -static_cast<double>(i));
}

}  // namespace
}  // namespace warmstart::detail

#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "tensor/fill.hpp"

namespace warmstart::detail {

// Counter-based random numbers, which depend only on a seed and an index: Philox4x32-10 (Salmon et
// al., "Parallel random numbers: as easy as 1, 2, 3", 2011) with the index as counter.
//
// The bits are the same on all devices: the code uses only float64 + - * / and sqrt of IEEE 754, in
// the order written, and fixed polynomials. Compile it without contraction to fma. The functions
// are constexpr and have no tables outside, so that kernels can use them.

using philox_block = std::array<std::uint32_t, 4>;

constexpr philox_block philox(philox_block counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// 64 random bits for an element.
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t index) {
  const philox_block block =
      philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32U), 0, 0},
             {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
  return (std::uint64_t{block[1]} << 32U) | block[0];
}

/// The natural logarithm of a positive, normal number, with a relative error of about 1e-16.
constexpr double portable_log(double x) {
  // Low bits are zero, so that products are exact.
  constexpr double LN2_HIGH = 0x1.62e42fefa3800p-1;
  constexpr double LN2_LOW = 0x1.ef35793c76730p-45;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52U) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffffU) | 0x3ff0000000000000U);
  if (mantissa > 0x1.6a09e667f3bcdp0) {  // sqrt(2)
    mantissa /= 2;
    ++exponent;
  }
  // log(m) = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172.
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double series = 0;
  for (int k = 23; k >= 3; k -= 2) series = (series + 1.0 / k) * square;
  return exponent * LN2_HIGH + (2 * s + (2 * s * series + exponent * LN2_LOW));
}

/// p(x) / q(x), the coefficients in ascending order.
constexpr double rational(const std::array<double, 8>& p, const std::array<double, 8>& q,
                          double x) {
  double above = p[7];
  double below = q[7];
  for (std::size_t i = 7; i > 0; --i) {
    above = above * x + p[i - 1];
    below = below * x + q[i - 1];
  }
  return above / below;
}

/// Quantile function of the standard normal distribution, 0 < p < 1, with a relative error of about
/// 1e-15. Rational approximations by Wichura (Algorithm AS 241, PPND16).
constexpr double inverse_normal(double p) {
  const double q = p - 0.5;
  if (q > -0.425 && q < 0.425) {
    return q *
           rational({3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
                     1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                     3.3430575583588128105e+4, 2.5090809287301226727e+3},
                    {1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2,
                     5.3941960214247511077e+3, 2.1213794301586595867e+4, 3.9307895800092710610e+4,
                     2.8729085735721942674e+4, 5.2264952788528545610e+3},
                    0.180625 - q * q);
  }
  const double tail = std::sqrt(-portable_log(q < 0 ? p : 1 - p));
  const double x =
      tail <= 5
          ? rational(
                {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
                 3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
                 2.27238449892691845833e-2, 7.74545014278341407640e-4},
                {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
                 1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
                 1.05075007164441684324e-9},
                tail - 1.6)
          : rational(
                {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
                 2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                 2.71155556874348757815e-5, 2.01033439929228813265e-7},
                {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
                 1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
                 1.42151175831644588870e-7, 2.04426310338993978564e-15},
                tail - 5);
  return q < 0 ? -x : x;
}

/// The probability that a standard normal value is below -2.
inline constexpr double BELOW_TWO_SIGMA = 0.022750131948179209;

/// The value of element `index` of a variable, before it is converted to the variable's type.
constexpr double random_value(const fill_spec& spec, std::uint64_t index) {
  if (spec.kind == fill_spec::distribution::constant) return spec.a;
  const std::uint64_t bits = random_bits(spec.seed, index);
  if (spec.kind == fill_spec::distribution::uniform) {
    return spec.a + (spec.b - spec.a) * (static_cast<double>(bits >> 11U) * 0x1p-53);
  }
  // In (0, 1), symmetric around 1/2.
  double p = (static_cast<double>(bits >> 12U) + 0.5) * 0x1p-52;
  if (spec.kind == fill_spec::distribution::truncated_normal) {
    p = BELOW_TWO_SIGMA + p * (1 - 2 * BELOW_TWO_SIGMA);
  }
  return spec.a + spec.b * inverse_normal(p);
}

/// An integer in [minval, minval + range), range > 0: the upper half of a 128-bit product, biased
/// by less than range / 2^64.
constexpr std::int64_t random_integer(std::uint64_t seed, std::uint64_t index, std::int64_t minval,
                                      std::uint64_t range) {
  __extension__ using wide = unsigned __int128;
  const auto offset = static_cast<std::uint64_t>((wide{random_bits(seed, index)} * range) >> 64U);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(minval) + offset);
}

}  // namespace warmstart::detail

#include "tensor/random_value.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace warmstart::detail {
namespace {

// The known answers that are published with Random123.
TEST(random_value, philox_gives_the_known_answers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (philox_block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}),
            (philox_block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (philox_block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(random_value, log_agrees_with_the_library) {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    EXPECT_NEAR(portable_log(x), std::log(x), 4e-16 * std::abs(std::log(x)) + 1e-17) << x;
  }
  EXPECT_EQ(portable_log(1), 0);
}

TEST(random_value, inverse_normal_inverts_the_distribution) {
  for (double x = -8.2; x <= 5; x += 0.01) {
    const double p = std::erfc(-x / std::sqrt(2.0)) / 2;
    EXPECT_NEAR(inverse_normal(p), x, 1e-13 + 1e-14 * std::exp(x * x / 2) * (x > 0 ? 1 : 0)) << x;
  }
  EXPECT_NEAR(inverse_normal(BELOW_TWO_SIGMA), -2, 1e-15);
}

struct moments {
  double mean = 0;
  double deviation = 0;
  double lowest = 0;
  double highest = 0;
  double distance = 0;  ///< Kolmogorov-Smirnov, to `cdf`
};

template <class Cdf>
moments sample(const fill_spec& spec, Cdf cdf) {
  constexpr std::size_t COUNT = 200'000;
  std::vector<double> values(COUNT);
  for (std::size_t i = 0; i < COUNT; ++i) values[i] = random_value(spec, i);
  std::sort(values.begin(), values.end());
  moments m;
  for (const double v : values) m.mean += v / COUNT;
  for (const double v : values) m.deviation += (v - m.mean) * (v - m.mean) / COUNT;
  m.deviation = std::sqrt(m.deviation);
  m.lowest = values.front();
  m.highest = values.back();
  for (std::size_t i = 0; i < COUNT; ++i) {
    const double at = cdf(values[i]);
    m.distance = std::max({m.distance, std::abs(at - static_cast<double>(i) / COUNT),
                           std::abs(at - static_cast<double>(i + 1) / COUNT)});
  }
  return m;
}

double normal_cdf(double x) {
  return std::erfc(-x / std::sqrt(2.0)) / 2;
}
// Exceeded by chance once in 10^4 seeds; the seeds are fixed.
constexpr double KS_LIMIT = 0.005;

TEST(random_value, uniform_is_uniform) {
  const moments m =
      sample({fill_spec::distribution::uniform, -3, 5, 42}, [](double x) { return (x + 3) / 8; });
  EXPECT_NEAR(m.mean, 1, 0.02);
  EXPECT_NEAR(m.deviation, 8 / std::sqrt(12.0), 0.02);
  EXPECT_GE(m.lowest, -3);
  EXPECT_LT(m.highest, 5);
  EXPECT_LT(m.distance, KS_LIMIT);
}

TEST(random_value, normal_is_normal) {
  const moments m = sample({fill_spec::distribution::normal, 10, 2, 7},
                           [](double x) { return normal_cdf((x - 10) / 2); });
  EXPECT_NEAR(m.mean, 10, 0.02);
  EXPECT_NEAR(m.deviation, 2, 0.02);
  EXPECT_LT(m.lowest, 2);  // four deviations
  EXPECT_GT(m.highest, 18);
  EXPECT_LT(m.distance, KS_LIMIT);
}

TEST(random_value, truncated_normal_stays_within_two_deviations) {
  const moments m = sample({fill_spec::distribution::truncated_normal, 0, 1, 9}, [](double x) {
    return (normal_cdf(x) - BELOW_TWO_SIGMA) / (1 - 2 * BELOW_TWO_SIGMA);
  });
  EXPECT_NEAR(m.mean, 0, 0.01);
  EXPECT_NEAR(m.deviation, 0.87962566103423978, 0.01);
  EXPECT_GE(m.lowest, -2);
  EXPECT_LE(m.highest, 2);
  EXPECT_LT(m.distance, KS_LIMIT);
}

TEST(random_value, integers_cover_their_range_evenly) {
  std::vector<int> seen(7, 0);
  for (std::uint64_t i = 0; i < 70'000; ++i) {
    ++seen.at(static_cast<std::size_t>(random_integer(5, i, -3, 7) + 3));
  }
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 400);
}

// The same on every backend and in every release: pinned.
TEST(random_value, bits_never_change) {
  const auto bits = [](const fill_spec& spec, std::uint64_t index) {
    return std::bit_cast<std::uint64_t>(random_value(spec, index));
  };
  const fill_spec uniform{fill_spec::distribution::uniform, 0, 1, 1};
  const fill_spec normal{fill_spec::distribution::normal, 0, 1, 1};
  const fill_spec truncated{fill_spec::distribution::truncated_normal, 0, 1, 1};
  EXPECT_EQ(bits(uniform, 0), 0x3feca141d79c7d00);
  EXPECT_EQ(bits(uniform, 1ULL << 33U), 0x3fb612383fe635d8);
  EXPECT_EQ(bits(normal, 0), 0x3ff407827c9b8c2d);
  EXPECT_EQ(bits(normal, 12345), 0x3fca273c0fd7ab84);
  EXPECT_EQ(bits(truncated, 3), 0xbff933183f315d45);
}

}  // namespace
}  // namespace warmstart::detail

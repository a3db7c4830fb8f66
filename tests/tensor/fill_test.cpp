#include "tensor/fill.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <complex>
#include <set>
#include <vector>

#include "support/catalog_builder.hpp"
#include "support/peak_memory.hpp"
#include "tensor/box.hpp"
#include "tensor/element_convert.hpp"

namespace warmstart::detail {
namespace {

using distribution = fill_spec::distribution;
using test::box_of;

template <class T>
std::vector<T> filled(const fill_spec& spec, dtype type, const shape& full, const slice& where) {
  std::vector<T> out(static_cast<std::size_t>(where.lengths().element_count()));
  fill_elements(spec, type, full, where, reinterpret_cast<std::byte*>(out.data()));
  return out;
}

template <class T>
std::vector<T> filled(const fill_spec& spec, dtype type, const shape& full) {
  return filled<T>(spec, type, full, slice::all_of(full));
}

TEST(fill, parts_have_the_elements_of_the_whole) {
  const shape full{7, 5, 3};
  for (const auto kind :
       {distribution::uniform, distribution::normal, distribution::truncated_normal}) {
    const fill_spec spec{kind, 1, 2, 99};
    const auto whole = filled<float>(spec, dtype::float32, full);
    const slice where = box_of({{2, 4}, {1, 3}, {0, 2}});
    const auto part = filled<float>(spec, dtype::float32, full, where);
    std::size_t at = 0;
    for (std::size_t i = 2; i < 6; ++i) {
      for (std::size_t j = 1; j < 4; ++j) {
        for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(part[at++], whole[(i * 5 + j) * 3 + k]);
      }
    }
  }
}

TEST(fill, elements_within_a_row_have_its_places) {
  const shape full{7, 5, 3};
  const slice row = box_of({{1, 6}, {0, 4}, {0, 3}});
  const slice where = box_of({{2, 3}, {1, 2}, {1, 2}});
  for (const auto kind : {distribution::constant, distribution::uniform}) {
    const fill_spec spec{kind, 1, 2, 99};
    const auto whole = filled<float>(spec, dtype::float32, full);
    std::vector<float> held(6 * 4 * 3, -7);
    fill_elements(spec, dtype::float32, full, where, row,
                  reinterpret_cast<std::byte*>(held.data()));
    std::size_t at = 0;
    for (std::size_t i = 1; i < 7; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        for (std::size_t k = 0; k < 3; ++k) {
          const bool made = i >= 2 && i < 5 && j >= 1 && j < 3 && k >= 1;
          EXPECT_EQ(held[at++], made ? whole[(i * 5 + j) * 3 + k] : -7);
        }
      }
    }
  }
}

// By element: what the memory held before, but for elements of `where`, made one by one.
std::vector<std::byte> naively_filled(const fill_spec& spec, dtype type, const shape& full,
                                      const slice& where, const slice& row,
                                      std::vector<std::byte> memory) {
  const box elements = make_box(slice::all_of(full), row, where);
  for_each_run(elements, [&](std::int64_t first, std::int64_t position) {
    for (std::int64_t i = 0; i < elements.run; ++i) {
      const std::int64_t column = (first + i) % full[1];
      const slice one = box_of({{(first + i) / full[1], 1}, {column, 1}});
      fill_elements(spec, type, full, one,
                    memory.data() + (position + i) * static_cast<std::int64_t>(size_of(type)));
    }
  });
  return memory;
}

TEST(fill, elements_of_every_type_at_any_address_with_gaps_between) {
  const shape full{9, 101};
  const slice row = box_of({{1, 7}, {2, 97}});
  const std::vector<slice> parts = {row, box_of({{2, 5}, {2, 97}}), box_of({{1, 7}, {3, 93}}),
                                    box_of({{1, 6}, {50, 2}}), box_of({{7, 1}, {98, 1}})};
  for (int number = 1; number <= static_cast<int>(dtype::float6_e3m2fn); ++number) {
    const auto type = static_cast<dtype>(number);
    for (const auto kind : {distribution::constant, distribution::uniform, distribution::normal}) {
      const fill_spec spec{kind, kind == distribution::constant ? 1.0 : 0.0, 1, 99};
      if (!can_fill(spec, type)) continue;
      for (const slice& where : parts) {
        for (const std::size_t shift : {0U, 1U, 13U}) {
          std::vector<std::byte> held(shift + 7 * 97 * size_of(type) + 3, std::byte{0xCB});
          const std::vector<std::byte> before(held.begin() + static_cast<std::ptrdiff_t>(shift),
                                              held.end());
          fill_elements(spec, type, full, where, row, held.data() + shift);
          EXPECT_TRUE(std::vector(held.begin() + static_cast<std::ptrdiff_t>(shift), held.end()) ==
                      naively_filled(spec, type, full, where, row, before))
              << name_of(type) << ", " << to_string(where) << " at " << shift;
        }
      }
    }
  }
}

TEST(fill, seeds_and_elements_differ) {
  const shape full{1000};
  const auto a = filled<double>({distribution::normal, 0, 1, 1}, dtype::float64, full);
  const auto b = filled<double>({distribution::normal, 0, 1, 2}, dtype::float64, full);
  EXPECT_NE(a, b);
  EXPECT_EQ(std::set<double>(a.begin(), a.end()).size(), a.size());
}

TEST(fill, constants_of_every_fixed_size_type) {
  for (std::int64_t number = 1; number <= 33; ++number) {
    const dtype type = *dtype_from_number(number);
    for (const double value : {0.0, 1.0}) {
      const fill_spec spec{distribution::constant, value};
      EXPECT_EQ(can_fill(spec, type), size_of(type) != 0) << name_of(type);
      if (size_of(type) == 0) continue;
      std::vector<std::byte> element(size_of(type));
      fill_elements(spec, type, {}, slice(), element.data());
      const bool zero = std::all_of(element.begin(), element.end(),
                                    [](std::byte b) { return b == std::byte{0}; });
      EXPECT_EQ(zero, value == 0) << name_of(type);
    }
  }
  EXPECT_EQ(filled<float>({distribution::constant, 4.5}, dtype::float32, {2}),
            (std::vector<float>{4.5F, 4.5F}));
  EXPECT_EQ(filled<std::int8_t>({distribution::constant, -8}, dtype::int4, {1})[0], -8);
  EXPECT_EQ(filled<std::complex<double>>({distribution::constant, 3}, dtype::complex128, {})[0],
            std::complex<double>(3));
}

TEST(fill, zero_bytes_are_distinguished_from_values_that_equal_zero) {
  for (const dtype type : {dtype::float32, dtype::int8, dtype::complex128, dtype::float8_e8m0fnu}) {
    EXPECT_TRUE(makes_zeros({distribution::constant, 0}, type));
    EXPECT_FALSE(makes_zeros({distribution::constant, 1}, type));
  }
  EXPECT_FALSE(makes_zeros({distribution::constant, -0.0}, dtype::float32));
  EXPECT_TRUE(makes_zeros({distribution::constant, -0.0}, dtype::int32));
  EXPECT_FALSE(makes_zeros({distribution::normal, 0, 1, 7}, dtype::float32));
}

TEST(fill, values_that_a_type_cannot_hold_are_known) {
  EXPECT_FALSE(can_fill({distribution::constant, 4.5}, dtype::int32));
  EXPECT_FALSE(can_fill({distribution::constant, 300}, dtype::uint8));
  EXPECT_FALSE(can_fill({distribution::constant, 8}, dtype::int4));
  EXPECT_FALSE(can_fill({distribution::constant, 2}, dtype::float8_e4m3fnuz));
  EXPECT_FALSE(can_fill({distribution::normal, 0, 1}, dtype::int32));
  EXPECT_FALSE(can_fill({distribution::uniform, 0, 1}, dtype::complex64));
  EXPECT_FALSE(can_fill({distribution::uniform, 0, 1}, dtype::qint8));
  EXPECT_FALSE(can_fill({distribution::uniform, 5, 5}, dtype::int32));
  EXPECT_FALSE(can_fill({distribution::uniform, 0, 257}, dtype::uint8));
  EXPECT_TRUE(can_fill({distribution::uniform, 0, 256}, dtype::uint8));
  EXPECT_TRUE(can_fill({distribution::normal, 0, 1}, dtype::float8_e5m2));
}

// Few mantissa bits: most values near the upper bound would round to it.
TEST(fill, uniform_values_stay_below_the_bound_in_every_float) {
  const auto check = [](auto element, dtype type, double a, double b) {
    using T = decltype(element);
    for (const T value : filled<T>({distribution::uniform, a, b, 3}, type, {4000})) {
      EXPECT_GE(cast_element<double>(value), a);
      EXPECT_LT(cast_element<double>(value), b);
    }
  };
  for (const auto& [a, b] : {std::pair{-0.3, 0.3}, std::pair{-1.0, 0.0}, std::pair{0.0, 1.0}}) {
    check(float16_bits{}, dtype::float16, a, b);
    check(bfloat16_bits{}, dtype::bfloat16, a, b);
    check(float8_e5m2_bits{}, dtype::float8_e5m2, a, b);
    check(float8_e4m3fn_bits{}, dtype::float8_e4m3fn, a, b);
    check(float{}, dtype::float32, a, b);
  }
}

TEST(fill, uniform_integers_reach_both_ends) {
  const auto values = filled<std::int16_t>({distribution::uniform, -2, 3, 1}, dtype::int16, {500});
  EXPECT_EQ(*std::min_element(values.begin(), values.end()), -2);
  EXPECT_EQ(*std::max_element(values.begin(), values.end()), 2);
}

// A thin column has as many runs as the variable has rows: they must not be listed anywhere.
TEST(fill, columns_are_filled_without_extra_memory) {
  const std::int64_t rows = 4 << 20;
  std::vector<std::byte> column(static_cast<std::size_t>(rows));
  const std::int64_t before = test::peak_memory_bytes();
  fill_elements({.kind = fill_spec::distribution::uniform, .a = 0, .b = 100, .seed = 1},
                dtype::int8, {rows, 2}, box_of({{0, rows}, {1, 1}}), column.data());
  EXPECT_LT(test::peak_memory_bytes() - before, 16 << 20);
  EXPECT_NE(column.back(), std::byte{0});
}

TEST(fill, empty_rows_are_left_alone) {
  fill_elements({distribution::normal, 0, 1, 1}, dtype::float32, {0, 3}, slice::all_of({0, 3}),
                nullptr);
}

}  // namespace
}  // namespace warmstart::detail

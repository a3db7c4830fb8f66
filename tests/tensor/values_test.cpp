// The small values: dtypes, devices, errors, tables.

#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <vector>

#include "base/checked.hpp"
#include "base/printable.hpp"
#include "base/text_table.hpp"
#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/error.hpp"
#include "warmstart/shape.hpp"

namespace warmstart::detail {
namespace {

TEST(dtype, names_and_numbers_go_both_ways) {
  for (int number = 1; number <= 33; ++number) {
    const auto type = dtype_from_number(number);
    ASSERT_TRUE(type) << number;
    EXPECT_EQ(static_cast<int>(*type), number);
    EXPECT_EQ(dtype_from_name(name_of(*type)), type) << name_of(*type);
  }
  EXPECT_EQ(dtype_from_name("half"), dtype::float16);
  EXPECT_EQ(dtype_from_name("float"), dtype::float32);
  EXPECT_EQ(dtype_from_name("double"), dtype::float64);
  EXPECT_EQ(dtype_from_name("float33"), std::nullopt);
  for (const std::int64_t number :
       {INT64_MIN, INT64_C(-1), INT64_C(0), INT64_C(34), INT64_C(101), INT64_C(257)}) {
    EXPECT_EQ(dtype_from_number(number), std::nullopt) << number;
  }
}

TEST(dtype, sizes_and_swap_units_of_the_specification) {
  EXPECT_EQ(size_of(dtype::complex128), 16U);
  EXPECT_EQ(swap_unit(dtype::complex128), 8U);
  EXPECT_EQ(size_of(dtype::float16), 2U);
  EXPECT_EQ(size_of(dtype::int4), 1U);
  EXPECT_EQ(size_of(dtype::string), 0U);
  EXPECT_EQ(size_of(dtype::variant), 0U);
  EXPECT_EQ(swap_unit(dtype::boolean), 1U);
}

TEST(device, names_go_both_ways) {
  EXPECT_EQ(to_string(device("cuda:12")), "cuda:12");
  EXPECT_EQ(device("cpu"), device::host());
  EXPECT_EQ(device("cuda"), device(device_kind::cuda, 0));
  for (const char* bad :
       {"", "gpu:0", "cuda:", "cuda:-1", "cuda:x", "cuda:1x", "cpu:1:2", "cuda:99999999999"}) {
    EXPECT_THROW((void)device(bad), error) << bad;
  }
  EXPECT_EQ(devices().front().device, device::host());
  EXPECT_GT(devices().front().total_bytes, 0U);
}

TEST(error, lists_all_its_problems) {
  const error one(error_code::io, "a: broken");
  EXPECT_STREQ(one.what(), "a: broken");
  const error two({{.code = error_code::mismatch, .message = "first"},
                   {.code = error_code::not_found, .message = "second"}});
  EXPECT_STREQ(two.what(), "2 problems:\n  first\n  second");
  EXPECT_EQ(two.code(), error_code::mismatch);
  EXPECT_EQ(two.problems().size(), 2U);
}

TEST(text_table, lines_up) {
  text_table table({"name", "bytes"}, {1});
  table.add({"a", "12345678"});
  table.add({"longer", ""});
  EXPECT_EQ(table.str(),
            "name       bytes\n"
            "a       12345678\n"
            "longer\n");
}

TEST(checked, sums_fit_or_say_that_they_do_not) {
  EXPECT_EQ(checked_add(INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(checked_multiply(INT64_C(1) << 40, INT64_C(1) << 40), std::nullopt);
  EXPECT_EQ(saturating_add(1, 2), 3);
  EXPECT_EQ(saturating_add(INT64_MAX - 1, 2), INT64_MAX);
}

TEST(printable, escapes_control_characters) {
  EXPECT_EQ(printable(std::string("a\0b\x1b[31m\x7f", 9)), "a\\x00b\\x1b[31m\\x7f");
  EXPECT_EQ(printable("größe"), "größe");
}

TEST(shape, takes_sizes_of_any_integer_type_and_iterates) {
  const std::size_t rows = 3;
  const int columns = 4;
  const shape made{rows, columns, 2};
  EXPECT_EQ(std::vector(made.begin(), made.end()), (std::vector<std::int64_t>{3, 4, 2}));
  EXPECT_EQ(made.element_count(), 24);
  EXPECT_THROW((shape{std::size_t{1} << 63U}), error);
  EXPECT_EQ(shape{}.rank(), 0);
  static_assert(!std::convertible_to<int, shape>);
}

}  // namespace
}  // namespace warmstart::detail

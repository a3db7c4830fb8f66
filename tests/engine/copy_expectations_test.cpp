#include "engine/copy_expectations.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"
#include "checksum/crc32c.hpp"
#include "engine/host_copy.hpp"
#include "support/peak_memory.hpp"

namespace warmstart::detail {
namespace {

std::vector<std::byte> noise(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint32_t state = 99;
  for (std::byte& b : bytes) b = std::byte((state = state * 1664525U + 1013904223U) >> 24U);
  return bytes;
}

// Expected of one copy into a row of zeros, and found after carrying it out.
void expect_agreement(const conversion& how, std::int64_t run,
                      const std::vector<box_dimension>& dimensions, std::int64_t destination_bytes,
                      std::int64_t row_bytes) {
  std::int64_t source_bytes = run * static_cast<std::int64_t>(size_of(how.from));
  for (const box_dimension& d : dimensions) source_bytes += (d.count - 1) * d.source_stride;
  const auto source = noise(static_cast<std::size_t>(source_bytes));
  std::vector<std::byte> row(static_cast<std::size_t>(row_bytes));
  copy_on_host({.source = source.data(),
                .destination = row.data() + destination_bytes,
                .conversion = how,
                .run = run,
                .dimensions = dimensions});
  expectation_ledger ledger(1);
  const std::int64_t sizes[] = {row_bytes};
  copy_expectations expectations(ledger, sizes);
  expectations.add({.row = 0, .extent = 0, .conversion = how, .box = {}},
                   {.demand = 0, .destination_bytes = destination_bytes, .run = run}, dimensions,
                   source.data());
  EXPECT_EQ(ledger.checksum(0, row_bytes), crc32c(row));
}

constexpr conversion WIDEN = {.from = dtype::uint8, .to = dtype::float64};
constexpr conversion SWAP = {.from = dtype::int32, .to = dtype::int32, .swapped = true};
constexpr conversion PLAIN = {.from = dtype::int16, .to = dtype::int16};

TEST(copy_expectations, agree_with_the_copy_whatever_its_size_and_shape) {
  // One run, shorter and longer than a piece, and not a whole number of them.
  for (const std::int64_t run : {1, 1000, 8192, 8193, 50'001}) {
    expect_agreement(WIDEN, run, {}, 24, 8 * run + 32);
    expect_agreement(SWAP, run, {}, 4, 4 * run + 20);
    expect_agreement(PLAIN, run, {}, 2, 2 * run + 4);
  }
  // Columns of one element and of many, in rows that fit a piece together, alone, or not.
  for (const auto& [rows, columns] : {std::pair<std::int64_t, std::int64_t>{30'000, 1},
                                      {5000, 7},
                                      {3, 8192},
                                      {3, 8191},
                                      {2, 20'000}}) {
    expect_agreement(
        WIDEN, columns,
        {{.count = rows, .source_stride = columns + 3, .destination_stride = 8 * columns}}, 0,
        8 * rows * columns);
    expect_agreement(
        SWAP, columns,
        {{.count = rows, .source_stride = 4 * columns + 4, .destination_stride = 4 * columns + 8}},
        8, 8 + rows * (4 * columns + 8));
  }
  // Transposes, in pieces and in one.
  for (const auto& [rows, columns] :
       {std::pair<std::int64_t, std::int64_t>{3, 5}, {500, 300}, {3, 40'000}, {40'000, 3}}) {
    const std::vector<box_dimension> plain = {
        {.count = rows, .source_stride = 2 * columns, .destination_stride = 2},
        {.count = columns, .source_stride = 2, .destination_stride = 2 * rows}};
    expect_agreement(PLAIN, 1, plain, 6, 2 * rows * columns + 10);
    const std::vector<box_dimension> widened = {
        {.count = rows, .source_stride = columns, .destination_stride = 8},
        {.count = columns, .source_stride = 1, .destination_stride = 8 * rows}};
    expect_agreement(WIDEN, 1, widened, 0, 8 * rows * columns);
  }
  // Loops in a loop: inner ones that fit a piece, and that do not.
  for (const std::int64_t inner : {3, 300, 3000}) {
    expect_agreement(WIDEN, 5,
                     {{.count = 4, .source_stride = inner * 6, .destination_stride = inner * 48},
                      {.count = inner, .source_stride = 6, .destination_stride = 48}},
                     16, 16 + 4 * inner * 48);
  }
}

TEST(copy_expectations, take_little_memory) {
  constexpr std::int64_t ELEMENTS = 8 * mebibyte;
  const auto source = noise(ELEMENTS);
  expectation_ledger ledger(1);
  const std::int64_t sizes[] = {8 * ELEMENTS};
  copy_expectations expectations(ledger, sizes);
  const std::int64_t before = test::peak_memory_bytes();
  expectations.add({.row = 0, .extent = 0, .conversion = WIDEN, .box = {}},
                   {.demand = 0, .destination_bytes = 0, .run = ELEMENTS}, {}, source.data());
  EXPECT_LT(test::peak_memory_bytes() - before, 16 * mebibyte);  // of 64 that are made
}

}  // namespace
}  // namespace warmstart::detail

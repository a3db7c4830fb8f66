#include "engine/stream_copy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace warmstart::detail {
namespace {

TEST(stream_copy, copies_between_any_addresses_and_writes_nothing_else) {
  constexpr std::size_t ROOM = 20'000;
  std::vector<std::byte> source(ROOM);
  std::uint32_t noise = 1;
  for (std::byte& b : source) b = std::byte((noise = noise * 1664525U + 1013904223U) >> 24U);
  for (const std::size_t size : {0U, 1U, 63U, 4095U, 4096U, 4097U, 4160U, 10'007U}) {
    for (const std::size_t from : {0U, 1U, 24U, 63U}) {
      for (const std::size_t to : {0U, 1U, 8U, 63U, 64U}) {
        std::vector<std::byte> expected(ROOM, std::byte{0xCB});
        std::vector<std::byte> copied = expected;
        std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from), size,
                    expected.begin() + static_cast<std::ptrdiff_t>(to));
        stream_copy(std::span(copied).subspan(to, size), std::span(source).subspan(from, size));
        ASSERT_TRUE(copied == expected) << size << " from " << from << " to " << to;
      }
    }
  }
}

}  // namespace
}  // namespace warmstart::detail

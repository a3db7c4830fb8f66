#include "tensor/repeat_element.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace warmstart::detail {
namespace {

constexpr std::byte GUARD{0xCB};

std::vector<std::byte> element_of(std::size_t size, bool repeats_a_byte) {
  std::vector<std::byte> made;
  for (std::size_t i = 0; i < size; ++i) made.push_back(std::byte(repeats_a_byte ? 7 : 16 + i));
  return made;
}

void expect_repeated(std::size_t shift, std::size_t size_bytes,
                     const std::vector<std::byte>& element) {
  std::vector<std::byte> memory(shift + size_bytes + 80, GUARD);
  std::vector<std::byte> expected = memory;
  for (std::size_t i = 0; i < size_bytes; ++i) expected[shift + i] = element[i % element.size()];
  repeat_element(std::span(memory).subspan(shift, size_bytes), element);
  EXPECT_TRUE(memory == expected) << element.size() << " bytes " << size_bytes / element.size()
                                  << " times at offset " << shift;
}

TEST(repeat_element, fills_blocks_of_any_length_at_any_address) {
  for (const std::size_t size : {1U, 2U, 4U, 8U, 16U}) {
    for (std::size_t count = 0; count * size <= 700; ++count) {
      for (const std::size_t shift : {0U, 1U, 4U, 15U, 63U}) {
        expect_repeated(shift, count * size, element_of(size, false));
      }
    }
  }
}

TEST(repeat_element, fills_blocks_beyond_the_cache) {
  constexpr std::size_t LARGE = (std::size_t{256} << 10) + 64;
  for (const std::size_t size : {1U, 2U, 4U, 8U, 16U}) {
    for (const std::size_t extra : {0U, 16U, 80U, 1U << 20U}) {
      for (std::size_t shift = 0; shift < 64; shift += 7) {
        expect_repeated(shift, LARGE + extra, element_of(size, false));
      }
    }
  }
}

TEST(repeat_element, fills_with_elements_of_equal_bytes) {
  for (const std::size_t size : {1U, 2U, 4U, 8U, 16U}) {
    for (const std::size_t bytes : {16U, 240U, 256U, 272U, 4096U}) {
      expect_repeated(3, bytes, element_of(size, true));
    }
  }
}

}  // namespace
}  // namespace warmstart::detail

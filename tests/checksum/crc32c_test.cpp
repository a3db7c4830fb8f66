#include "checksum/crc32c.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string_view>
#include <vector>

#include "checksum/text_bytes.hpp"

namespace warmstart::detail {
namespace {

using test::text_bytes;

TEST(crc32c, standard_vectors) {
  EXPECT_EQ(crc32c(text_bytes("123456789")), 0xE3069283);
  EXPECT_EQ(crc32c(text_bytes("")), 0U);
  EXPECT_EQ(crc32c(text_bytes("foo")), 0xCFC4AE1D);
  std::vector<std::byte> block(32);
  EXPECT_EQ(crc32c(block), 0x8A9136AA);
  for (std::size_t i = 0; i < 32; ++i) block[i] = std::byte(i);
  EXPECT_EQ(crc32c(block), 0x46DD794E);
  for (std::size_t i = 0; i < 32; ++i) block[i] = std::byte(31 - i);
  EXPECT_EQ(crc32c(block), 0x113FDB5C);
  block.assign(32, std::byte{0xFF});
  EXPECT_EQ(crc32c(block), 0x62A8AB43);
}

TEST(crc32c, extends_an_earlier_checksum) {
  EXPECT_EQ(crc32c(text_bytes("6789"), crc32c(text_bytes("12345"))), 0xE3069283);
}

TEST(crc32c, concatenates_at_every_cut) {
  const std::string_view text = "123456789";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto tail = text.substr(cut);
    EXPECT_EQ(crc32c_concatenate(crc32c(text_bytes(text.substr(0, cut))), crc32c(text_bytes(tail)),
                                 static_cast<std::int64_t>(tail.size())),
              0xE3069283);
  }
}

TEST(crc32c, fragments_add_up_in_any_order) {
  std::vector<std::byte> whole(100'003);
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = std::byte(i * 7 + i / 251);
  const std::size_t cuts[] = {0, 1, 64, 4097, 65536, 100'003};
  std::uint32_t sum = 0;
  for (int part = 4; part >= 0; --part) {
    const std::size_t begin = cuts[part];
    const std::size_t end = cuts[part + 1];
    const auto fragment = std::span(whole).subspan(begin, end - begin);
    sum ^=
        crc32c_advance(crc32c_remainder(fragment), static_cast<std::int64_t>(whole.size() - end));
  }
  EXPECT_EQ(crc32c_finish(sum, static_cast<std::int64_t>(whole.size())), crc32c(whole));
}

TEST(crc32c, retreats_over_what_it_advanced_over) {
  const std::uint32_t remainder = crc32c_remainder(text_bytes("123456789"));
  for (const std::int64_t distance :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{4097}, std::int64_t{1} << 31,
        std::int64_t{INT32_MAX}, std::int64_t{1} << 40}) {
    EXPECT_EQ(crc32c_retreat(crc32c_advance(remainder, distance), distance), remainder);
  }
}

TEST(crc32c, finishing_a_checksum_gives_its_remainder) {
  EXPECT_EQ(crc32c_finish(0xE3069283, 9), crc32c_remainder(text_bytes("123456789")));
}

TEST(crc32c, advances_over_distances_that_no_memory_holds) {
  // Twice 2^40 zero bytes are 2^41 of them.
  const std::uint32_t remainder = crc32c_remainder(text_bytes("warm"));
  const std::int64_t distance = std::int64_t{1} << 40;
  EXPECT_EQ(crc32c_advance(crc32c_advance(remainder, distance), distance),
            crc32c_advance(remainder, 2 * distance));
}

}  // namespace
}  // namespace warmstart::detail

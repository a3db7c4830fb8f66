#include "checksum/crc32.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "checksum/text_bytes.hpp"

namespace warmstart::detail {
namespace {

using test::text_bytes;

TEST(crc32, standard_vectors) {
  EXPECT_EQ(crc32(text_bytes("")), 0U);
  EXPECT_EQ(crc32(text_bytes("123456789")), 0xCBF43926);
  EXPECT_EQ(crc32(text_bytes("The quick brown fox jumps over the lazy dog")), 0x414FA339);
  EXPECT_EQ(crc32(std::vector<std::byte>(32)), 0x190A55AD);
}

TEST(crc32, extends_an_earlier_checksum) {
  EXPECT_EQ(crc32(text_bytes("6789"), crc32(text_bytes("12345"))), 0xCBF43926);
}

TEST(crc32, fragments_add_up_in_any_order) {
  std::vector<std::byte> whole(100'003);
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = std::byte(i * 7 + i / 251);
  const std::size_t cuts[] = {0, 1, 64, 4097, 65536, 100'003};
  std::uint32_t sum = 0;
  for (int part = 4; part >= 0; --part) {
    const std::size_t begin = cuts[part];
    const std::size_t end = cuts[part + 1];
    const auto fragment = std::span(whole).subspan(begin, end - begin);
    sum ^= crc32_advance(crc32_remainder(fragment), static_cast<std::int64_t>(whole.size() - end));
  }
  EXPECT_EQ(crc32_finish(sum, static_cast<std::int64_t>(whole.size())), crc32(whole));
}

TEST(crc32, checksum_of_the_rest_follows_from_the_whole) {
  const std::string_view text = "123456789";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto rest = text.substr(cut);
    EXPECT_EQ(crc32_of_rest(crc32(text_bytes(text.substr(0, cut))), 0xCBF43926,
                            static_cast<std::int64_t>(rest.size())),
              crc32(text_bytes(rest)));
  }
}

}  // namespace
}  // namespace warmstart::detail

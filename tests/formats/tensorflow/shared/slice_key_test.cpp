#include "formats/tensorflow/shared/slice_key.hpp"

#include <gtest/gtest.h>

#include "formats/tensorflow/shared/ordered_code.hpp"
#include "support/from_hex.hpp"

namespace warmstart::detail {
namespace {

using test::from_hex;

std::string ordered_signed(std::int64_t value) {
  std::string text;
  append_ordered_signed(text, value);
  return text;
}
std::string ordered_number(std::uint64_t value) {
  std::string text;
  append_ordered_number(text, value);
  return text;
}
std::string ordered_string(std::string_view value) {
  std::string text;
  append_ordered_string(text, value);
  return text;
}

TEST(ordered_code, strings_of_the_specification) {
  const std::pair<std::string, const char*> vectors[] = {
      {"", "0001"}, {"foo", "666f6f0001"}, {std::string("\x00\x01\xff", 3), "00ff01ff000001"}};
  for (const auto& [text, encoded] : vectors) {
    EXPECT_EQ(ordered_string(text), from_hex(encoded));
    const std::string bytes = from_hex(encoded);
    byte_reader again(bytes);
    EXPECT_EQ(take_ordered_string(again), text);
    EXPECT_TRUE(again.at_end());
  }
}

TEST(ordered_code, numbers_of_the_specification) {
  const std::pair<std::uint64_t, const char*> vectors[] = {
      {0, "00"}, {1, "0101"}, {255, "01ff"}, {256, "020100"}};
  for (const auto& [value, encoded] : vectors) {
    const std::string bytes = from_hex(encoded);
    EXPECT_EQ(ordered_number(value), bytes);
    byte_reader reader(bytes);
    EXPECT_EQ(take_ordered_number(reader), value);
  }
}

TEST(ordered_code, signed_numbers_of_the_specification) {
  const std::pair<std::int64_t, const char*> vectors[] = {
      {0, "80"},
      {1, "81"},
      {10, "8a"},
      {63, "bf"},
      {64, "c040"},
      {100, "c064"},
      {1000, "c3e8"},
      {8191, "dfff"},
      {8192, "e02000"},
      {30522, "e0773a"},
      {1048576, "f0100000"},
      {-1, "7f"},
      {-64, "40"},
      {-65, "3fbf"},
      {-2048, "3800"},
      {0x424242, "f0424242"},
      {std::int64_t{1} << 62, "ffc04000000000000000"},
      {INT64_MAX, "ffc07fffffffffffffff"},
      {INT64_MIN, "003f8000000000000000"}};
  for (const auto& [value, encoded] : vectors) {
    const std::string bytes = from_hex(encoded);
    EXPECT_EQ(ordered_signed(value), bytes) << value;
    byte_reader reader(bytes);
    EXPECT_EQ(take_ordered_signed(reader), value) << encoded;
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(ordered_code, order_of_bytes_is_order_of_numbers) {
  std::string last;
  for (int shift = 62; shift >= 0; --shift) {
    const std::string here = ordered_signed(-(std::int64_t{1} << shift));
    EXPECT_LT(last, here);
    last = here;
  }
  for (int shift = 0; shift < 63; ++shift) {
    const std::string here = ordered_signed(std::int64_t{1} << shift);
    EXPECT_LT(last, here);
    last = here;
  }
}

TEST(ordered_code, truncated_or_overlong_codes_are_refused) {
  for (const std::int64_t value : {std::int64_t{64}, INT64_MAX, INT64_MIN}) {
    const std::string whole = ordered_signed(value);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      byte_reader reader(std::string_view(whole).substr(0, size));
      EXPECT_EQ(take_ordered_signed(reader), std::nullopt) << value << ' ' << size;
    }
  }
  const std::string beyond = from_hex("ffe0ffffffffffffffffff");  // 11 bytes
  byte_reader reader(beyond);
  EXPECT_EQ(take_ordered_signed(reader), std::nullopt);
  const std::string nine = from_hex("09010203040506070809");
  byte_reader nine_reader(nine);
  EXPECT_EQ(take_ordered_number(nine_reader), std::nullopt);
  const std::string endless = from_hex("6161");
  byte_reader endless_reader(endless);
  EXPECT_EQ(take_ordered_string(endless_reader), std::nullopt);
}

TEST(slice_key, keys_of_the_specification) {
  const struct {
    const char* name;
    const char* where;
    const char* key;
  } vectors[] = {{"foo", "-:0,1", "00 666f6f0001 0102 80 7f 80 81"},
                 {"foo", "-:1,9", "00 666f6f0001 0102 80 7f 81 89"},
                 {"emb", "0,34:0,64", "00 656d620001 0102 80 a2 80 c040"},
                 {"emb", "34,33:0,64", "00 656d620001 0102 a2 a1 80 c040"},
                 {"w", "0,100:0,100", "00 770001 0102 80 c064 80 c064"},
                 {"foo", "-:-:1,3:4,5", "00 666f6f0001 0104 80 7f 80 7f 81 83 84 85"}};
  for (const auto& one : vectors) {
    const slice where = slice::parse(one.where);
    EXPECT_EQ(encode_slice_key(one.name, where), from_hex(one.key));
    const auto decoded = decode_slice_key(from_hex(one.key));
    ASSERT_TRUE(decoded) << one.key;
    EXPECT_EQ(*decoded, (slice_key{.tensor = one.name, .slice = where}));
  }
  EXPECT_EQ(encode_slice_key("s", slice()), from_hex("00 730001 00"));
}

TEST(slice_key, spelling_counts) {
  EXPECT_NE(encode_slice_key("w", slice::parse("-")), encode_slice_key("w", slice::parse("0,3")));
}

TEST(slice_key, other_keys_are_refused) {
  const std::string key = encode_slice_key("emb", slice::parse("0,34:0,64"));
  for (std::size_t size = 0; size < key.size(); ++size) {
    EXPECT_FALSE(decode_slice_key(key.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_slice_key(key + '\x80'));
  EXPECT_FALSE(decode_slice_key("emb"));
  EXPECT_FALSE(decode_slice_key(from_hex("0100 730001 00")));  // an overlong zero in front
  EXPECT_FALSE(decode_slice_key(from_hex("00 730001 01ff")));  // rank 255
  EXPECT_FALSE(decode_slice_key(from_hex("00 730001 08ffffffffffffffff")));
}

}  // namespace
}  // namespace warmstart::detail

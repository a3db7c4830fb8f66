#include "formats/safetensors/safetensors_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/safetensors/file_reader.hpp"
#include "support/bundle_writer.hpp"
#include "support/paths.hpp"
#include "support/reader_test.hpp"
#include "support/safetensors_writer.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::safetensors_file;
using testing::HasSubstr;

constexpr auto SAFETENSORS_PATH = "m.safetensors";

std::string golden(const std::string& name) {
  return test::read_file(test::data_path("formats/checkpoints/") + name);
}

class safetensors_reader : public test::reader_test<read_safetensors> {
 protected:
  safetensors_reader() : reader_test(SAFETENSORS_PATH) {}
};

TEST_F(safetensors_reader, lists_tensors_with_their_places) {
  const std::string header =
      R"({"b":{"dtype":"F32","shape":[2,3],"data_offsets":[2,26],"note":[{"x":[1.5]}]},)"
      R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
      R"("none":{"dtype":"I64","shape":[0,7],"data_offsets":[26,26]}})";
  const catalog made = read(safetensors_file(header, std::string(26, 'x')));
  ASSERT_EQ(made.tensors.size(), 3U);
  EXPECT_EQ(made.format, "safetensors");
  EXPECT_EQ(made.tensors[1].name, "b");
  EXPECT_EQ(made.tensors[1].type, dtype::float32);
  EXPECT_EQ(made.tensors[1].full_shape, (shape{2, 3}));
  const extent& place = made.extents[made.tensors[1].pieces.at(0).extent];
  EXPECT_EQ(place.offset_bytes, static_cast<std::int64_t>(8 + header.size() + 2));
  EXPECT_EQ(place.size_bytes, 24);
  EXPECT_EQ(place.checksum.kind, checksum_kind::none);
  EXPECT_TRUE(made.tensors[2].pieces.empty());
}

TEST_F(safetensors_reader, a_file_without_tensors_is_accepted) {
  EXPECT_TRUE(read(safetensors_file("{}", "")).tensors.empty());
  EXPECT_TRUE(read(safetensors_file(R"( {"__metadata__":null} )", "")).tensors.empty());
}

TEST_F(safetensors_reader, names_of_tied_weights_are_aliases) {
  const catalog made =
      read(safetensors_file(R"({"__metadata__":{"tied":"w","format":"pt","w":"w"},)"
                            R"("w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                            "x"));
  ASSERT_EQ(made.aliases.size(), 1U);
  EXPECT_EQ(made.aliases[0].name, "tied");
  EXPECT_EQ(made.find("tied"), &made.tensors[0]);
}

TEST_F(safetensors_reader, packed_elements_are_listed_and_not_loaded) {
  const catalog made =
      read(safetensors_file(R"({"w":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]}})", "xyz"));
  EXPECT_EQ(made.tensors.at(0).type, dtype::float4_e2m1fn);
  EXPECT_EQ(made.tensors[0].refusal.code, error_code::unsupported);
}

TEST_F(safetensors_reader, messages_name_tensor_expected_and_found) {
  const auto of = [&](const char* header, const std::string& data) {
    return refusal(safetensors_file(header, data));
  };
  EXPECT_THAT(of(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "1234"),
              HasSubstr("tensor 'w': expected 8 bytes for F32[2], found 4"));
  EXPECT_THAT(of(R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "123"),
              HasSubstr("tensor 'w': expected its bytes to begin at 0 of the data, found [1, 3)"));
  EXPECT_THAT(of(R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "123"),
              HasSubstr("expected 2 bytes of tensors, found 3"));
  EXPECT_THAT(of(R"({"w":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", "12"),
              HasSubstr("tensor 'w': shape: found a negative number"));
  EXPECT_THAT(of(R"({"w":{"dtype":"U8","shape":[2]}})", "12"),
              HasSubstr("tensor 'w': data_offsets is missing"));
  EXPECT_THAT(of("{\"w\": tru}", ""), HasSubstr(", offset 18: the header is not valid JSON"));
  EXPECT_THAT(
      refusal(safetensors_file(R"({"w":{"dtype":"F128","shape":[2],"data_offsets":[0,32]}})",
                               std::string(32, 'x')),
              error_code::unsupported),
      HasSubstr("dtype 'F128' is not known"));
}

TEST_F(safetensors_reader, a_file_truncated_anywhere_is_refused) {
  const std::string whole = golden("st_basic/model.safetensors");
  EXPECT_FALSE(read(whole).tensors.empty());
  for (std::size_t size = 0; size < whole.size(); ++size) (void)refusal(whole.substr(0, size));
  (void)refusal(whole + 'x');
}

// It has no checksums: a changed header may be another good one, and that is all.
TEST_F(safetensors_reader, a_flipped_bit_is_refused_or_makes_another_header) {
  const std::string whole = golden("st_odd/misaligned.safetensors");
  const std::size_t header = 8 + static_cast<unsigned char>(whole[0]) +
                             256 * static_cast<std::size_t>(static_cast<unsigned char>(whole[1]));
  ASSERT_LT(header, whole.size());
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * header; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    try {
      const catalog made = read(damaged);
      for (const extent& one : made.extents) {
        ASSERT_LE(one.offset_bytes + one.size_bytes, static_cast<std::int64_t>(whole.size()));
      }
    } catch (const error& bad) {
      EXPECT_TRUE(bad.code() == error_code::corrupt || bad.code() == error_code::unsupported);
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(4 * header));
}

TEST_F(safetensors_reader, is_recognized_by_its_contents) {
  const auto is = [&](const std::string& bytes) {
    files_.put(SAFETENSORS_PATH, test::bundle_writer::bytes_of(bytes));
    return is_safetensors(*files_.open(SAFETENSORS_PATH, read_mode::buffered));
  };
  EXPECT_TRUE(is(safetensors_file(" \n{}", "")));
  EXPECT_FALSE(is(safetensors_file("[]", "")));
  EXPECT_FALSE(is(""));
  EXPECT_FALSE(is(safetensors_file("{}", "").substr(0, 9)));
  EXPECT_FALSE(is("\x93NUMPY\x01"));
}

}  // namespace
}  // namespace warmstart::detail

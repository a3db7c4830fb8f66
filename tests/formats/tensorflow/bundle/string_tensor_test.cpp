#include <gtest/gtest.h>

#include <bit>

#include "formats/golden_vectors.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/string_payload.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::add_strings;
using test::bundle_writer;
using test::encode_strings;
using test::encoded_strings;
using test::from_hex;
using test::varint;

using strings = std::vector<std::string>;

bundle_writer bundle_of(const shape& of, const encoded_strings& stored, bool big_endian = false) {
  bundle_writer writer;
  writer.header(bundle_writer::header_record(1, big_endian));
  return add_strings(writer, "s", of, stored);
}

strings read_strings(const bundle_writer& writer) {
  test::memory_files files;
  writer.write(files, "m");
  const catalog source = read_bundle(files, "m");
  return read_strings(files, source, source.tensors.at(0));
}

std::string failure_of(const shape& of, const encoded_strings& stored) {
  try {
    (void)read_strings(bundle_of(of, stored));
    return "read";
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::corrupt);
    return bad.what();
  }
}

TEST(string_tensor, vectors_of_the_specification) {
  const encoded_strings hi = encode_strings({"hi", ""});
  EXPECT_EQ(hi.payload, from_hex("0200 78270b34 6869"));
  EXPECT_EQ(mask_crc(hi.crc), 0xED489E9EU);
  EXPECT_EQ(read_strings(bundle_of({2}, hi)), (strings{"hi", ""}));
  const encoded_strings none = encode_strings({});
  EXPECT_EQ(none.payload, from_hex("d8ea82a2"));
  EXPECT_EQ(mask_crc(none.crc), 0x640CC1F6U);
  EXPECT_EQ(read_strings(bundle_of({0}, none)), strings());
  const encoded_strings big = encode_strings({"hi"}, true);
  EXPECT_EQ(big.payload, from_hex("0218e43d906869"));
  EXPECT_EQ(mask_crc(big.crc), 0x3A9E2C81U);
  EXPECT_EQ(read_strings(bundle_of({1}, big, true)), strings{"hi"});
}

TEST(string_tensor, scalars_long_strings_and_bytes) {
  EXPECT_EQ(read_strings(bundle_of({}, encode_strings({"hello"}))), strings{"hello"});
  const strings many = {"", "x01", std::string(1024, 'c'), std::string("\0\xff", 2),
                        std::string(1 << 22, 'z')};
  EXPECT_EQ(read_strings(bundle_of({5}, encode_strings(many))), many);
}

TEST(string_tensor, overlong_varints_are_accepted) {
  encoded_strings stored = encode_strings({"hi"});
  stored.payload.replace(0, 1, from_hex("8200"));
  EXPECT_EQ(read_strings(bundle_of({1}, stored)), strings{"hi"});
}

TEST(string_tensor, every_flipped_bit_is_found) {
  const encoded_strings good = encode_strings({"hi", "there", ""});
  for (std::size_t bit = 0; bit < 8 * good.payload.size(); ++bit) {
    encoded_strings damaged = good;
    damaged.payload[bit / 8] = static_cast<char>(damaged.payload[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(failure_of({3}, damaged), "read") << bit;
  }
}

TEST(string_tensor, says_which_checksum_does_not_match) {
  encoded_strings stored = encode_strings({"hi", ""});
  stored.payload[0] = 1;
  EXPECT_NE(failure_of({2}, stored).find("length checksum does not match"), std::string::npos);
  stored = encode_strings({"hi", ""});
  stored.payload.back() = 'j';
  EXPECT_NE(failure_of({2}, stored).find("checksum does not match: expected"), std::string::npos);
}

TEST(string_tensor, counts_and_lengths_are_bounded_by_the_payload) {
  EXPECT_NE(failure_of({std::int64_t{1} << 60}, encode_strings({"hi"})).find("expected at least"),
            std::string::npos);
  // The checksums are right; only the bytes are missing.
  encoded_strings stored = encode_strings({std::string(200, 'x')});
  stored.payload.resize(100);
  EXPECT_NE(failure_of({1}, stored).find("longer than the payload"), std::string::npos);
  stored.payload.resize(3);
  EXPECT_NE(failure_of({1}, stored).find("ends before"), std::string::npos);
  stored.payload = "\x80";
  EXPECT_NE(failure_of({1}, stored).find("cut off"), std::string::npos);
}

/// A string tensor in slices, as the writer of a partitioned variable would store it.
bundle_writer sliced_strings(const shape& of,
                             const std::vector<std::pair<std::string, encoded_strings>>& slices) {
  bundle_writer writer;
  bundle_writer::entry whole{.type = static_cast<std::int64_t>(dtype::string), .sizes = of.sizes()};
  for (const auto& [spelled, stored] : slices) {
    const slice where = slice::parse(spelled);
    whole.slices.push_back(where);
    auto entry = writer.place(dtype::string, where.within(of).lengths(), stored.payload);
    entry.crc = stored.crc;
    writer.raw(encode_slice_key("s", where), bundle_writer::record(entry));
  }
  return writer.raw("s", bundle_writer::record(whole));
}

TEST(string_tensor, slices_are_assembled) {
  EXPECT_EQ(read_strings(sliced_strings({2, 3}, {{"-:0,1", encode_strings({"a", "d"})},
                                                 {"-:1,2", encode_strings({"b", "c", "e", "f"})}})),
            (strings{"a", "b", "c", "d", "e", "f"}));
}

TEST(string_tensor, slices_with_gaps_or_damage_are_reported) {
  const auto check = [](const bundle_writer& writer, bool reading) -> std::string {
    test::memory_files files;
    writer.write(files, "m");
    const catalog source = read_bundle(files, "m");
    try {
      if (reading) (void)read_strings(files, source, source.tensors.at(0));
      check_encoded(files, source, source.tensors.at(0));
      return "good";
    } catch (const error& bad) {
      return bad.what();
    }
  };
  const bundle_writer gap =
      sliced_strings({4}, {{"0,1", encode_strings({"a"})}, {"2,2", encode_strings({"c", ""})}});
  EXPECT_EQ(check(gap, false), "good");
  EXPECT_NE(check(gap, true).find("1 elements are not stored"), std::string::npos);
  encoded_strings bad = encode_strings({"c", "d"});
  bad.payload.back() = 'x';
  const bundle_writer damaged = sliced_strings({3}, {{"0,1", encode_strings({"a"})}, {"1,2", bad}});
  EXPECT_NE(check(damaged, false).find("checksum does not match"), std::string::npos);
  const bundle_writer overlap = sliced_strings(
      {3}, {{"0,2", encode_strings({"a", "b"})}, {"1,2", encode_strings({"b", "c"})}});
  EXPECT_NE(check(overlap, false).find("overlapping slices"), std::string::npos);
}

/// A variant tensor as TensorFlow stores it.
encoded_strings encode_variants(const strings& elements) {
  encoded_strings made;
  const auto extend = [&](const std::string& bytes) {
    made.crc = crc32c(std::as_bytes(std::span(bytes)), made.crc);
  };
  for (const std::string& element : elements) {
    extend(test::u64le(element.size()));
    extend(element);
    const std::string checksum = test::u32le(mask_crc(made.crc));
    extend(checksum);
    made.payload += varint(element.size()) + element + checksum;
  }
  return made;
}

std::string check_variants(const encoded_strings& stored, const shape& of = {2}) {
  bundle_writer writer;
  auto entry = writer.place(dtype::variant, of, stored.payload);
  entry.crc = stored.crc;
  writer.raw("v", bundle_writer::record(entry));
  test::memory_files files;
  writer.write(files, "m");
  const catalog source = read_bundle(files, "m");
  EXPECT_FALSE(source.tensors[0].refusal.reason.empty());
  try {
    check_bundle_variants(files, source, source.tensors[0]);
    return "good";
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::corrupt);
    return bad.what();
  }
}

TEST(variant_tensor, its_checksums_are_compared) {
  const encoded_strings good = encode_variants({"tensor list", std::string(300, 'x')});
  EXPECT_EQ(check_variants(good), "good");
  EXPECT_EQ(check_variants(encode_variants({}), {0}), "good");
  for (std::size_t bit = 0; bit < 8 * good.payload.size(); ++bit) {
    encoded_strings damaged = good;
    damaged.payload[bit / 8] = static_cast<char>(damaged.payload[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(check_variants(damaged), "good") << bit;
  }
  for (std::size_t size = 0; size < good.payload.size(); ++size) {
    encoded_strings cut = good;
    cut.payload.resize(size);
    EXPECT_NE(check_variants(cut), "good") << size;
  }
}

TEST(string_tensor, other_tensors_are_refused) {
  bundle_writer writer;
  writer.tensor("t", dtype::uint8, {2}, "xy");
  try {
    (void)read_strings(writer);
    FAIL();
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::mismatch);
  }
}

}  // namespace
}  // namespace warmstart::detail

#include "formats/tensorflow/slices/slices_reader.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "formats/golden_vectors.hpp"
#include "support/slices_writer.hpp"
#include "warmstart/checkpoint.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::bytes_of;
using test::counted;
using test::slices_writer;

// Spelled so that no trigraph is in it.
const std::string SET = "m-" + std::string(5, '?') + "-of-00002";

/// Files written to a folder, and read through the public reader: the whole engine.
class slices_reader_test : public testing::Test {
 protected:
  checkpoint open(const slices_writer& writer) const {
    writer.write(scratch_ / "v1");
    return checkpoint::open(scratch_ / "v1");
  }
  checkpoint open_bytes(const std::string& file) const {
    test::write_file(scratch_ / "v1", file);
    return checkpoint::open(scratch_ / "v1");
  }
  static std::string bytes_read(const checkpoint& from, const std::string& name) {
    const host_tensor read = from.read(name);
    return {reinterpret_cast<const char*>(read.bytes.data()), read.bytes.size()};
  }
  static std::string refusal(const checkpoint& from, const std::string& name) {
    return from.info(name).refusal;
  }
  template <class Work>
  static std::string failure(Work work, error_code code = error_code::corrupt) {
    try {
      work();
      return "nothing failed";
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), code) << bad.what();
      return bad.what();
    }
  }

  test::temporary_directory scratch_;
};

std::string every_byte(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 37 + i / 256);
  return text;
}

TEST_F(slices_reader_test, G3_is_read) {
  const checkpoint from = open_bytes(test::G3_FILE);
  EXPECT_EQ(from.format(), "tensor_slices");
  EXPECT_EQ(bytes_read(from, "v"), bytes_of<float>({1, 2}));
}

TEST_F(slices_reader_test, every_supported_dtype_is_read_small_and_large) {
  for (const dtype type :
       {dtype::float32, dtype::float64, dtype::complex64, dtype::complex128, dtype::int32,
        dtype::uint8, dtype::int16, dtype::int8, dtype::qint8, dtype::quint8, dtype::qint32,
        dtype::uint16, dtype::int64, dtype::float16, dtype::uint32, dtype::uint64}) {
    for (const std::int64_t count : {1, 17, 200'000}) {
      const std::string bytes = every_byte(static_cast<std::size_t>(count) * size_of(type));
      slices_writer writer;
      writer.tensor("small", type, shape({1}), bytes.substr(0, size_of(type)));
      writer.tensor("t", type, shape({count}), bytes);
      const checkpoint from = open(writer);
      EXPECT_EQ(bytes_read(from, "t"), bytes) << name_of(type) << " " << count;
      EXPECT_EQ(bytes_read(from, "small"), bytes.substr(0, size_of(type)));
      EXPECT_TRUE(from.verify().damage.empty());
    }
  }
}

TEST_F(slices_reader_test, booleans_are_zero_or_one) {
  slices_writer writer;
  std::string tensor;
  protozero::pbf_writer(tensor).add_bytes(11, std::string("\x00\x01\xff\x01\x05", 5));
  writer.sliced("b", dtype::boolean, shape({4}), {{slices_writer::whole(shape({4})), tensor}});
  EXPECT_EQ(bytes_read(open(writer), "b"), std::string("\x00\x01\x01\x01", 4));
}

TEST_F(slices_reader_test, a_slice_of_varints_is_decoded_where_it_lies) {
  const auto numbers = counted<std::int64_t>(300'000);
  slices_writer writer;
  writer.tensor("t", dtype::int64, shape({300'000}), bytes_of(numbers));
  const checkpoint from = open(writer);
  for (const std::int64_t start : {0, 1, 8191, 100'000, 299'990}) {
    const host_tensor read = from.read("t", slice({{.start = start, .length = 10}}));
    EXPECT_EQ(std::memcmp(read.bytes.data(), numbers.data() + start, 80), 0) << start;
  }
}

TEST_F(slices_reader_test, scalars_empty_tensors_and_slices_are_read) {
  slices_writer writer;
  writer.tensor("scalar", dtype::int32, shape({}), bytes_of<std::int32_t>({-7}));
  writer.listed("empty", 1, shape({0, 3}), {slices_writer::whole(shape({0, 3}))});
  const slice rows({{.start = 0, .length = 2}, {}});
  const slice last({{.start = 2, .length = 1}, {}});
  writer.sliced(
      "parts", dtype::int16, shape({3, 2}),
      {{last, slices_writer::packed(dtype::int16, bytes_of<std::int16_t>({-5, 6}))},
       {rows, slices_writer::packed(dtype::int16, bytes_of<std::int16_t>({1, 2, 3, -4}))}});
  const checkpoint from = open(writer);
  EXPECT_EQ(bytes_read(from, "scalar"), bytes_of<std::int32_t>({-7}));
  EXPECT_EQ(bytes_read(from, "empty"), "");
  EXPECT_EQ(bytes_read(from, "parts"), bytes_of<std::int16_t>({1, 2, 3, -4, -5, 6}));
  EXPECT_EQ(from.info("parts").slices.size(), 2U);
}

TEST_F(slices_reader_test, accepts_other_encodings_of_the_same_values) {
  const auto values = bytes_of<std::int32_t>({1, -2, 300});
  const slice all = slices_writer::whole(shape({3}));
  const auto with = [&](const std::string& tensor) {
    slices_writer writer;
    writer.sliced("t", dtype::int32, shape({3}), {{all, tensor}});
    return bytes_read(open(writer), "t");
  };
  std::string single;
  for (const std::int32_t one : {1, -2, 300}) protozero::pbf_writer(single).add_int32(7, one);
  EXPECT_EQ(with(single), values);
  std::string runs;
  protozero::pbf_writer(runs).add_bytes(7, test::varint(1) + test::varint(-2ULL));
  protozero::pbf_writer(runs).add_bytes(7, test::varint(300));
  EXPECT_EQ(with(runs), values);
  std::string behind = slices_writer::packed(dtype::int32, values);
  protozero::pbf_writer(behind).add_int32(3, 0);
  EXPECT_EQ(with(behind), values);

  std::string floats;
  for (const float one : {1.5F, -2.5F}) protozero::pbf_writer(floats).add_float(5, one);
  slices_writer writer;
  writer.sliced("f", dtype::float32, shape({2}), {{slices_writer::whole(shape({2})), floats}});
  EXPECT_EQ(bytes_read(open(writer), "f"), bytes_of<float>({1.5F, -2.5F}));
}

TEST_F(slices_reader_test, compressed_blocks_are_read) {
  slices_writer writer;
  const std::string zeros(400'000, '\0');
  writer.tensor("f", dtype::float32, shape({100'000}), zeros);
  writer.tensor("i", dtype::int32, shape({100'000}), zeros);
  writer.strings("s", {"a", std::string(1000, 'b')});
  const checkpoint from = open_bytes(writer.file(4096, true));
  EXPECT_EQ(bytes_read(from, "f"), zeros);
  EXPECT_EQ(bytes_read(from, "i"), zeros);
  EXPECT_EQ(from.read_strings("s"), (std::vector<std::string>{"a", std::string(1000, 'b')}));
  EXPECT_TRUE(from.verify().damage.empty());
}

TEST_F(slices_reader_test, strings_are_read) {
  slices_writer writer;
  writer.strings("s", {"", "one", std::string("\0x", 2), std::string(100'000, 'z')});
  const checkpoint from = open(writer);
  EXPECT_EQ(from.read_strings("s").at(3), std::string(100'000, 'z'));
  EXPECT_EQ(from.read_strings("s").at(2), std::string("\0x", 2));
  EXPECT_NE(refusal(from, "s"), "");
  writer.listed("short", 7, shape({2}), {slices_writer::whole(shape({2}))});
  std::string one;
  protozero::pbf_writer(one).add_bytes(8, "only");
  const slice all = slices_writer::whole(shape({2}));
  writer.raw(encode_slice_key("short", all), slices_writer::data_record("short", all, one));
  const checkpoint again = open(writer);
  EXPECT_NE(failure([&] { (void)again.read_strings("short"); }).find("expected 2 strings, found 1"),
            std::string::npos);
}

TEST_F(slices_reader_test, a_wrong_number_of_values_is_refused) {
  const auto refused = [&](dtype type, const std::string& tensor) {
    slices_writer writer;
    writer.sliced("t", type, shape({3}), {{slices_writer::whole(shape({3})), tensor}});
    const checkpoint from = open(writer);
    return failure([&] { (void)from.read("t"); });
  };
  EXPECT_NE(refused(dtype::float32, slices_writer::packed(dtype::float32, std::string(8, 'x')))
                .find("expected 3 elements of tensor 't', found 8 bytes"),
            std::string::npos);
  EXPECT_NE(refused(dtype::float32, slices_writer::packed(dtype::float32, std::string(13, 'x')))
                .find("found 13 bytes"),
            std::string::npos);
  // Four varints, in as many bytes as three could have.
  EXPECT_NE(refused(dtype::int32, slices_writer::packed(dtype::int32, std::string(16, '\1')))
                .find("expected 3 elements, found 4"),
            std::string::npos);
  EXPECT_NE(refused(dtype::int32, "").find("expected 3 elements, found 0"), std::string::npos);
  // Those of another dtype's field are none.
  EXPECT_NE(refused(dtype::int32, slices_writer::packed(dtype::int64, std::string(24, '\1')))
                .find("expected 3 elements, found 0"),
            std::string::npos);
  std::string cut;
  protozero::pbf_writer(cut).add_bytes(7, std::string("\x01\x02\x03\x80", 4));
  EXPECT_NE(refused(dtype::int32, cut).find("cut off"), std::string::npos);
  std::string content;
  protozero::pbf_writer(content).add_bytes(4, std::string(12, 'x'));
  EXPECT_NE(refused(dtype::int32, content).find("expected 3 elements, found 0"), std::string::npos);
}

TEST_F(slices_reader_test, unloadable_tensors_are_listed_and_others_load) {
  slices_writer writer;
  const slice all = slices_writer::whole(shape({2}));
  writer.tensor("good", dtype::float32, shape({2}), bytes_of<float>({1, 2}));
  writer.listed("brain", 14, shape({2}), {all});
  writer.listed("no_type", 0, shape({2}), {all});
  writer.listed("reference", 103, shape({2}), {all});
  writer.listed("no_values", 1, shape({2}), {all});
  const slice first({{.start = 0, .length = 1}});
  writer.sliced("twice", dtype::float32, shape({2}),
                {{first, slices_writer::packed(dtype::float32, bytes_of<float>({1}))},
                 {all, slices_writer::packed(dtype::float32, bytes_of<float>({1, 2}))}});
  writer.sliced("gap", dtype::float32, shape({2}),
                {{first, slices_writer::packed(dtype::float32, bytes_of<float>({1}))}});
  const checkpoint from = open(writer);
  EXPECT_EQ(bytes_read(from, "good"), bytes_of<float>({1, 2}));
  EXPECT_NE(refusal(from, "brain").find("cannot hold bfloat16"), std::string::npos);
  EXPECT_NE(refusal(from, "no_type").find("dtype number 0"), std::string::npos);
  EXPECT_NE(refusal(from, "reference").find("dtype number 103"), std::string::npos);
  EXPECT_NE(refusal(from, "no_values").find("is listed, but has no values"), std::string::npos);
  EXPECT_NE(refusal(from, "twice").find("overlapping slices"), std::string::npos);
  EXPECT_EQ(from.info("gap").missing_elements, 1);
  EXPECT_THROW((void)from.read("gap"), error);
  EXPECT_EQ(from.verify().damage.size(), 6U);
}

TEST_F(slices_reader_test, files_that_are_no_v1_checkpoints_are_refused) {
  const auto refused = [&](const std::string& file, error_code code = error_code::corrupt) {
    return failure(
        [&] {
          test::write_file(scratch_ / "v1", file);
          (void)checkpoint::open(scratch_ / "v1", "tensor_slices");
        },
        code);
  };
  EXPECT_NE(refused("short").find("too short for a table"), std::string::npos);
  EXPECT_NE(refused(test::leveldb_table({{"a", "b"}})).find("no record that lists"),
            std::string::npos);
  EXPECT_NE(refused(test::leveldb_table({{"", ""}})).find("lists no tensor slices"),
            std::string::npos);
  EXPECT_NE(refused(slices_writer().version("\x08\x01\x10\x02").file(), error_code::unsupported)
                .find("min consumer version 2"),
            std::string::npos);
  slices_writer rank;
  rank.listed("t", 1, shape({2, 2}), {slice({{.start = 1, .length = 2}})});
  EXPECT_NE(refused(rank.file()), "");
  slices_writer outside;
  outside.listed("t", 1, shape({2}), {slice({{.start = 1, .length = 2}})});
  EXPECT_NE(refused(outside.file()).find("tensor t"), std::string::npos);
}

TEST_F(slices_reader_test, damage_in_one_block_concerns_the_tensors_in_it) {
  slices_writer writer;
  for (const char* name : {"a", "b", "c"}) {
    writer.tensor(name, dtype::float32, shape({2000}), std::string(8000, *name));
  }
  std::string file = writer.file();
  file[file.find(std::string(100, 'b')) + 50] ^= 1;
  const checkpoint from = open_bytes(file);
  EXPECT_EQ(bytes_read(from, "a"), std::string(8000, 'a'));
  EXPECT_EQ(bytes_read(from, "c"), std::string(8000, 'c'));
  EXPECT_NE(refusal(from, "b").find("checksum of a block"), std::string::npos);
  EXPECT_EQ(from.verify().damage.size(), 1U);
}

TEST_F(slices_reader_test, small_values_are_verified_with_the_large_one_of_their_block) {
  slices_writer writer;
  writer.tensor("first", dtype::float32, shape({2000}), std::string(8000, '1'));
  writer.tensor("large", dtype::float32, shape({100'000}), std::string(400'000, '3'));
  writer.tensor("l", dtype::int32, shape({4}), std::string(16, '\1'));
  std::string file = writer.file();
  EXPECT_TRUE(open_bytes(file).verify().damage.empty());
  // Of the small one, which comes first in the block, then of the large one.
  const std::string small = slices_writer::varints(dtype::int32, std::string(16, '\1'));
  for (const std::size_t at : {file.find(small), file.find(std::string(100, '3')) + 100'000}) {
    std::string bad = file;
    bad[at] ^= 1;
    const checkpoint from = open_bytes(bad);
    EXPECT_EQ(bytes_read(from, "first"), std::string(8000, '1'));
    EXPECT_NE(failure([&] { (void)from.read("l"); }).find("checksum"), std::string::npos);
    EXPECT_NE(failure([&] { (void)from.read("large"); }).find("checksum"), std::string::npos);
    EXPECT_FALSE(from.verify().damage.empty());
  }
}

TEST_F(slices_reader_test, damaged_varints_are_reported_once_and_the_rest_is_verified) {
  slices_writer writer;
  writer.tensor("first", dtype::float32, shape({2000}), std::string(8000, '1'));
  writer.tensor("i", dtype::int64, shape({2'000'000}), std::string(16'000'000, '\1'));
  writer.tensor("z", dtype::int32, shape({10'000}), std::string(40'000, '\1'));
  std::string file = writer.file();
  file[file.size() / 2] ^= 1;
  const checkpoint from = open_bytes(file);
  const auto verified = from.verify();
  ASSERT_EQ(verified.damage.size(), 1U);
  EXPECT_EQ(verified.damage[0].tensor, "i");
  EXPECT_NE(verified.damage[0].message.find("checksum does not match"), std::string::npos);
  EXPECT_EQ(bytes_read(from, "z"), std::string(40'000, '\1'));
}

TEST_F(slices_reader_test, a_sharded_set_opens_by_pattern_or_directory) {
  const slice first({{.start = 0, .length = 1}});
  const slice second({{.start = 1, .length = 1}});
  slices_writer zero;
  zero.sliced("t", dtype::float32, shape({2}),
              {{first, slices_writer::packed(dtype::float32, bytes_of<float>({1}))}});
  zero.tensor("only_0", dtype::int32, shape({1}), bytes_of<std::int32_t>({5}));
  slices_writer one;
  one.sliced("t", dtype::float32, shape({2}),
             {{second, slices_writer::packed(dtype::float32, bytes_of<float>({2}))}});
  zero.write(scratch_ / "m-00000-of-00002");
  one.write(scratch_ / "m-00001-of-00002");
  test::write_file(scratch_ / "checkpoint", "model_checkpoint_path: \"" + SET + "\"");
  for (const std::string& path : {scratch_ / SET, scratch_.str()}) {
    const checkpoint from = checkpoint::open(path);
    EXPECT_EQ(bytes_read(from, "t"), bytes_of<float>({1, 2}));
    EXPECT_EQ(from.info("t").files.size(), 2U);
    EXPECT_EQ(bytes_read(from, "only_0"), bytes_of<std::int32_t>({5}));
  }
  EXPECT_EQ(latest_checkpoint(scratch_.str()), scratch_ / SET);
  // One of them is what its name says: one file.
  EXPECT_EQ(checkpoint::open(scratch_ / "m-00001-of-00002").info("t").missing_elements, 1);

  // A copy that the pattern matches, too.
  zero.write(scratch_ / "m-00000-of-00002.copy");
  EXPECT_NE(refusal(checkpoint::open(scratch_ / "m-*"), "t").find("overlapping"),
            std::string::npos);
  one.listed("only_0", 1, shape({1}), {}).write(scratch_ / "m-00001-of-00002");
  EXPECT_NE(refusal(checkpoint::open(scratch_ / SET), "only_0")
                .find("expected dtype 3 and shape [1], as other files have it, found 1 and [1]"),
            std::string::npos);

  std::filesystem::remove(std::string(scratch_ / "m-00000-of-00002"));
  EXPECT_NE(failure([&] { (void)checkpoint::open(scratch_ / SET); }, error_code::not_found)
                .find("there is no " + (scratch_ / "m-00000-of-00002")),
            std::string::npos);
}

}  // namespace
}  // namespace warmstart::detail

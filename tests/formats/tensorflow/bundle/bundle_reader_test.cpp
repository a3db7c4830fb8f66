#include "formats/tensorflow/bundle/bundle_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "formats/golden_vectors.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "support/bundle_writer.hpp"
#include "support/catalog_builder.hpp"
#include "support/expect_mentions.hpp"
#include "support/memory_files.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::bundle_writer;
using test::bytes_of;
using test::counted;
using test::memory_files;

catalog read(const bundle_writer& writer) {
  memory_files files;
  writer.write(files, "m");
  return read_bundle(files, "m");
}

std::string failure_of(const bundle_writer& writer, error_code expected = error_code::corrupt) {
  try {
    (void)read(writer);
    return "read";
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), expected) << bad.what();
    return bad.what();
  }
}

std::vector<std::string> names_of(const catalog& source) {
  std::vector<std::string> names;
  for (const catalog_tensor& tensor : source.tensors) names.push_back(tensor.name);
  return names;
}

TEST(golden_vector, G1) {
  memory_files files;
  files.put("g1.index", bundle_writer::bytes_of(test::G1_INDEX));
  files.put("g1.data-00000-of-00001", bundle_writer::bytes_of(test::G1_DATA));
  const catalog source = read_bundle(files, "g1");
  EXPECT_EQ(names_of(source), (std::vector<std::string>{"empty", "flags", "names", "step", "w"}));
  EXPECT_EQ(source.find("empty")->full_shape, (shape{0, 4}));
  EXPECT_EQ(source.find("empty")->type, dtype::float32);
  EXPECT_TRUE(source.find("empty")->pieces.empty());
  EXPECT_EQ(source.find("flags")->type, dtype::boolean);
  EXPECT_EQ(source.find("step")->full_shape, shape{});
  EXPECT_EQ(source.find("step")->type, dtype::int64);
  const catalog_tensor& w = *source.find("w");
  EXPECT_EQ(w.full_shape, (shape{2, 3}));
  ASSERT_EQ(w.pieces.size(), 1U);
  const extent& stored = source.extents[w.pieces[0].extent];
  EXPECT_EQ(stored.offset_bytes, 0);
  EXPECT_EQ(stored.size_bytes, 24);
  const auto data = std::as_bytes(std::span(test::G1_DATA));
  EXPECT_EQ(stored.checksum,
            (stored_checksum{.kind = checksum_kind::crc32c, .value = crc32c(data.first(24))}));
  EXPECT_EQ(read_strings(files, source, *source.find("names")),
            (std::vector<std::string>{"hi", ""}));
  EXPECT_EQ(source.find("names")->refusal.code, error_code::mismatch);
}

void expect_emb(const std::string& index) {
  memory_files files;
  files.put("g.index", bundle_writer::bytes_of(index));
  files.put("g.data-00000-of-00001", bundle_writer::bytes_of(bytes_of(counted<float>(10))));
  const catalog source = read_bundle(files, "g");
  EXPECT_EQ(names_of(source), std::vector<std::string>{"emb"});
  const catalog_tensor& emb = source.tensors[0];
  EXPECT_EQ(emb.full_shape, (shape{5, 2}));
  EXPECT_EQ(emb.refusal.reason, "");
  ASSERT_EQ(emb.pieces.size(), 2U);
  EXPECT_EQ(to_string(emb.pieces[0].slice), "0,3:0,2");
  EXPECT_EQ(to_string(emb.pieces[1].slice), "3,2:0,2");
  EXPECT_EQ(source.extents[emb.pieces[1].extent].offset_bytes, 24);
  EXPECT_EQ(missing_elements(emb, slice::all_of(emb.full_shape)), 0);
}

TEST(golden_vector, G2) {
  expect_emb(test::G2_INDEX);
}
TEST(golden_vector, G4_with_a_compressed_block) {
  expect_emb(test::G4_INDEX);
}

TEST(golden_vector, our_test_writer_makes_G2) {
  bundle_writer writer;
  const auto values = counted<float>(10);
  const std::string all = bytes_of(values);
  writer.partitioned(
      "emb", dtype::float32, {5, 2},
      {{slice::parse("0,3:0,2"), all.substr(0, 24)}, {slice::parse("3,2:0,2"), all.substr(24)}});
  EXPECT_EQ(writer.index(), test::G2_INDEX);
}

TEST(bundle_reader, lists_sorted_names_of_every_dtype) {
  const std::vector<dtype> types = {
      dtype::float32, dtype::float64,  dtype::int32,          dtype::uint8,
      dtype::int16,   dtype::int8,     dtype::complex64,      dtype::complex128,
      dtype::int64,   dtype::boolean,  dtype::qint32,         dtype::quint8,
      dtype::qint8,   dtype::bfloat16, dtype::float16,        dtype::uint16,
      dtype::uint32,  dtype::uint64,   dtype::float8_e5m2,    dtype::float8_e4m3fn,
      dtype::int4,    dtype::uint4,    dtype::int2,           dtype::float4_e2m1fn,
      dtype::qint16,  dtype::quint16,  dtype::float8_e4m3fnuz};
  bundle_writer writer;
  for (const dtype type : types) {
    writer.tensor("t/" + std::string(name_of(type)), type, {3, 2},
                  std::string(6 * size_of(type), 'x'));
    writer.tensor("scalar/" + std::string(name_of(type)), type, {},
                  std::string(size_of(type), 'y'));
  }
  const catalog source = read(writer);
  ASSERT_EQ(source.tensors.size(), 2 * types.size());
  EXPECT_TRUE(std::is_sorted(source.tensors.begin(), source.tensors.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const dtype type : types) {
    const catalog_tensor* found = source.find("t/" + std::string(name_of(type)));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->type, type);
    EXPECT_EQ(found->refusal.reason, "");
  }
}

TEST(bundle_reader, non_standard_shapes) {
  bundle_writer writer;
  writer.tensor("a", dtype::float32, {}, bytes_of<float>({1}));
  writer.tensor("b", dtype::float32, {0, 1618}, "");
  writer.tensor("c", dtype::float32, {16, 0, 18}, "");
  const catalog source = read(writer);
  EXPECT_EQ(source.tensors[1].full_shape, (shape{0, 1618}));
  EXPECT_EQ(source.tensors[2].full_shape, (shape{16, 0, 18}));
  for (const auto& tensor : source.tensors) EXPECT_EQ(tensor.refusal.reason, "");
}

TEST(bundle_reader, several_shards_and_alignment) {
  bundle_writer writer(2);
  writer.alignment(42);
  writer.tensor("a", dtype::int16, {3}, std::string(6, 'a'), 1);
  writer.tensor("b", dtype::int16, {3}, std::string(6, 'b'), 1);
  writer.tensor("c", dtype::int16, {3}, std::string(6, 'c'), 0);
  const catalog source = read(writer);
  const auto& b = source.extents[source.find("b")->pieces[0].extent];
  EXPECT_EQ(b.offset_bytes, 42);
  EXPECT_EQ(source.files[b.file].path, "m.data-00001-of-00002");
  const auto& c = source.extents[source.find("c")->pieces[0].extent];
  EXPECT_EQ(source.files[c.file].path, "m.data-00000-of-00002");
}

TEST(bundle_reader, partitioned_by_columns) {
  bundle_writer writer;
  writer.partitioned("foo", dtype::float32, {5, 10},
                     {{slice::parse("-:0,1"), bytes_of(counted<float>(5))},
                      {slice::parse("-:1,9"), bytes_of(counted<float>(45))}});
  const catalog source = read(writer);
  ASSERT_EQ(source.tensors.size(), 1U);  // slices are no tensors
  EXPECT_EQ(to_string(source.tensors[0].pieces[0].slice), "0,5:0,1");
  EXPECT_EQ(to_string(source.tensors[0].pieces[1].slice), "0,5:1,9");
}

TEST(bundle_reader, equivalent_spellings_of_the_whole_slice_are_accepted) {
  for (const char* spelled : {"-:-", "0,5:0,10", "-:0,10"}) {
    bundle_writer writer;
    writer.partitioned("foo", dtype::uint8, {5, 10},
                       {{slice::parse(spelled), std::string(50, 'x')}});
    const catalog source = read(writer);
    EXPECT_EQ(missing_elements(source.tensors[0], slice::parse("0,5:0,10")), 0) << spelled;
  }
}

TEST(bundle_reader, slices_that_overlap_or_leave_gaps_are_listed) {
  bundle_writer writer;
  writer.partitioned("gap", dtype::uint8, {10},
                     {{slice::parse("0,3"), "abc"}, {slice::parse("5,5"), "fghij"}});
  writer.partitioned("overlap", dtype::uint8, {4},
                     {{slice::parse("0,3"), "abc"}, {slice::parse("2,2"), "cd"}});
  writer.partitioned("twice", dtype::uint8, {4},
                     {{slice::parse("-"), "abcd"}, {slice::parse("0,4"), "abcd"}});
  const catalog source = read(writer);
  EXPECT_EQ(source.find("gap")->refusal.reason, "");
  EXPECT_EQ(missing_elements(*source.find("gap"), slice::parse("0,10")), 2);
  EXPECT_MENTIONS(source.find("overlap")->refusal.reason,
                  "overlapping slices of tensor 'overlap': 0,3 and 2,2");
  EXPECT_MENTIONS(source.find("twice")->refusal.reason, "overlapping slices");
}

TEST(bundle_reader, damaged_partitions_concern_one_tensor) {
  const slice first = slice::parse("0,2");
  const slice second = slice::parse("2,2");
  const auto whole = [&](bundle_writer& writer, const std::string& name) {
    bundle_writer::entry entry{.type = 4, .sizes = {4}, .slices = {first, second}};
    writer.raw(name, bundle_writer::record(entry));
  };
  bundle_writer writer;
  writer.tensor("good", dtype::uint8, {2}, "xy");
  whole(writer, "lost");
  writer.raw(encode_slice_key("lost", first),
             bundle_writer::record(writer.place(dtype::uint8, {2}, "ab")));
  whole(writer, "other_type");
  writer.raw(encode_slice_key("other_type", first),
             bundle_writer::record(writer.place(dtype::uint8, {2}, "ab")));
  writer.raw(encode_slice_key("other_type", second),
             bundle_writer::record(writer.place(dtype::int8, {2}, "cd")));
  whole(writer, "other_shape");
  writer.raw(encode_slice_key("other_shape", first),
             bundle_writer::record(writer.place(dtype::uint8, {3}, "abc")));
  writer.raw(encode_slice_key("other_shape", second),
             bundle_writer::record(writer.place(dtype::uint8, {2}, "cd")));
  const catalog source = read(writer);
  EXPECT_EQ(source.find("good")->refusal.reason, "");
  EXPECT_MENTIONS(source.find("lost")->refusal.reason, "slice 2,2 of tensor 'lost' is listed");
  EXPECT_MENTIONS(source.find("other_type")->refusal.reason, "expected dtype 4 and shape [2]");
  EXPECT_MENTIONS(source.find("other_shape")->refusal.reason, "found 4 and [3]");
}

// A tensor that is not in the index any more must not go unnoticed.
TEST(bundle_reader, a_slice_that_no_tensor_lists_is_damage) {
  const slice part = slice::parse("0,2");
  bundle_writer lost;
  lost.raw(encode_slice_key("w", part), bundle_writer::record(lost.place(dtype::uint8, {2}, "ab")));
  EXPECT_MENTIONS(failure_of(lost),
                  "expected tensor 'w' to list its slice 0,2, found no such tensor");
  lost.tensor("w", dtype::uint8, {4}, "abcd");
  EXPECT_MENTIONS(failure_of(lost), "expected tensor 'w' to list its slice 0,2, found no entry");
}

TEST(bundle_reader, a_slice_that_is_in_slices_itself_is_called_so) {
  const slice all = slice::parse("0,4");
  bundle_writer writer;
  const auto listing =
      bundle_writer::record(bundle_writer::entry{.type = 4, .sizes = {4}, .slices = {all}});
  writer.raw("w", listing).raw(encode_slice_key("w", all), listing);
  EXPECT_MENTIONS(read(writer).find("w")->refusal.reason,
                  "slice 0,4 of tensor 'w': expected its place in a file, found a list of slices");
}

TEST(bundle_reader, the_checksum_of_no_bytes_is_known) {
  bundle_writer writer;
  writer.tensor("good", dtype::float32, {0, 4}, "");
  auto entry = writer.place(dtype::float32, {0, 4}, "");
  entry.crc = 0x1234;
  writer.raw("bad", bundle_writer::record(entry));
  const catalog source = read(writer);
  EXPECT_EQ(source.find("good")->refusal.reason, "");
  EXPECT_EQ(source.find("bad")->refusal.code, error_code::corrupt);
  EXPECT_MENTIONS(source.find("bad")->refusal.reason,
                  "expected crc32c 0x00001234, found 0x00000000");
}

TEST(bundle_reader, header_entry_and_versions) {
  bundle_writer writer;
  writer.tensor("a", dtype::int32, {1}, std::string(4, 'x'));
  const auto is_swapped = [&](const std::string& header) {
    return read(writer.header(header)).tensors.front().swapped;
  };
  EXPECT_FALSE(read(writer).tensors.front().swapped);
  EXPECT_FALSE(is_swapped(bundle_writer::header_record(1, false)));
  EXPECT_TRUE(is_swapped(bundle_writer::header_record(1, true)));
  EXPECT_EQ(read(bundle_writer().header("")).tensors.size(), 0U);  // all defaults
  const auto refused = [](std::int64_t producer, std::int64_t min_consumer,
                          const std::vector<std::int32_t>& bad) {
    return failure_of(
        bundle_writer().header(bundle_writer::header_record(1, false, producer, min_consumer, bad)),
        error_code::unsupported);
  };
  EXPECT_MENTIONS(refused(1, 2, {}), "min consumer version 2 above current version 1");
  EXPECT_MENTIONS(refused(-1, 0, {}), "producer version -1 below min producer 0");
  EXPECT_MENTIONS(refused(1, 0, {7, 1}), "disallows consumer version 1");
  EXPECT_EQ(read(bundle_writer().header(bundle_writer::header_record(1, false, 9, 1, {2})))
                .tensors.size(),
            0U);
}

TEST(bundle_reader, the_header_must_be_there_and_first) {
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(
                           test::leveldb_table({{"a", bundle_writer::record({.type = 4})}})));
  EXPECT_THROW((void)read_bundle(files, "m"), error);
  files.put("m.index", bundle_writer::bytes_of(test::leveldb_table({})));
  EXPECT_THROW((void)read_bundle(files, "m"), error);
  EXPECT_MENTIONS(failure_of(bundle_writer().header("\x08")), "m.index, header");
}

TEST(bundle_reader, hostile_entries_are_refused) {
  const auto refused = [](const bundle_writer::entry& entry) {
    return failure_of(bundle_writer().raw("t", bundle_writer::record(entry)));
  };
  EXPECT_MENTIONS(refused({.sizes = {-1}}), "m.index, key 't'");
  EXPECT_MENTIONS(refused({.sizes = {std::int64_t{1} << 40, std::int64_t{1} << 40}}), "key 't'");
  EXPECT_MENTIONS(refused({.sizes = std::vector<std::int64_t>(255, 1)}), "rank is above 254");
  EXPECT_MENTIONS(refused({.shard = 1}), "shard: expected a number in [0, 1), found 1");
  EXPECT_MENTIONS(refused({.shard = -1}), "found -1");
  EXPECT_MENTIONS(refused({.offset = -5, .size = 4}), "at offset -5");
  EXPECT_MENTIONS(refused({.size = -4}), "-4 bytes");
  EXPECT_MENTIONS(refused({.offset = INT64_MAX, .size = 4}), "no file has 4 bytes");
  EXPECT_MENTIONS(refused({.sizes = {4}, .slices = {test::box_of({{-1, 2}})}}), "slice");
  EXPECT_MENTIONS(refused({.sizes = {4}, .slices = {test::box_of({{0, 0}})}}), "slice");
  EXPECT_MENTIONS(refused({.sizes = {4}, .slices = {test::box_of({{2, -1}})}}), "slice");
  EXPECT_MENTIONS(refused({.sizes = {4}, .slices = {test::box_of({{2, 3}})}}), "key 't'");
  EXPECT_MENTIONS(refused({.sizes = {4}, .slices = {test::box_of({{0, 1}, {0, 1}})}}), "key 't'");
  EXPECT_MENTIONS(failure_of(bundle_writer().raw("t", "\x0d")), "key 't'");
}

TEST(bundle_reader, an_error_in_one_tensor_refuses_that_tensor_only) {
  bundle_writer writer;
  writer.tensor("good", dtype::uint8, {2}, "xy");
  auto entry = writer.place(dtype::float32, {2}, "12345678");
  entry.size = 7;
  writer.raw("size", bundle_writer::record(entry));
  entry = writer.place(dtype::uint8, {2}, "zz");
  entry.offset = 1000;
  writer.raw("beyond", bundle_writer::record(entry));
  entry.offset = 0;
  for (const std::int64_t number : {0, 34, 99, 101}) {
    entry.type = number;
    writer.raw("type" + std::to_string(number), bundle_writer::record(entry));
  }
  entry.type = static_cast<std::int64_t>(dtype::variant);
  writer.raw("variant", bundle_writer::record(entry));
  entry = {.type = 1, .sizes = {std::int64_t{1} << 62}, .size = 8};
  writer.raw("vast", bundle_writer::record(entry));
  const catalog source = read(writer);
  EXPECT_EQ(source.find("good")->refusal.reason, "");
  EXPECT_MENTIONS(source.find("size")->refusal.reason, "expected 8 bytes for float32 [2], found 7");
  EXPECT_MENTIONS(source.find("beyond")->refusal.reason,
                  "expected 2 bytes of tensor 'beyond' at offset 1000");
  EXPECT_MENTIONS(source.find("vast")->refusal.reason, "more than 2^63");
  EXPECT_EQ(source.find("type99")->refusal.code, error_code::unsupported);
  EXPECT_EQ(source.find("type99")->refusal.reason,
            "m.index: dtype number 99 of tensor 'type99' is not known");
  EXPECT_EQ(source.find("type101")->type, dtype::invalid);
  EXPECT_FALSE(source.find("variant")->refusal.reason.empty());
}

TEST(bundle_reader, tensors_that_share_bytes_beyond_the_file_are_both_refused) {
  bundle_writer writer;
  auto entry = writer.place(dtype::uint8, {4}, "abcd");
  entry.sizes = {3};
  entry.size = 3;
  entry.offset = 2;
  writer.raw("a", bundle_writer::record(entry)).raw("b", bundle_writer::record(entry));
  const catalog source = read(writer);
  for (const char* name : {"a", "b"}) {
    EXPECT_EQ(source.find(name)->refusal.code, error_code::corrupt);
    EXPECT_EQ(source.find(name)->refusal.reason,
              std::string("m.data-00000-of-00001: the file ends too early: expected 3 bytes of "
                          "tensor '") +
                  name + "' at offset 2, found a file of 4");
  }
}

TEST(bundle_reader, names_in_messages_are_short_and_printable) {
  const std::string vast = bundle_writer::record({.offset = -5, .size = 4});
  const std::string message = failure_of(bundle_writer().raw(std::string(1 << 20, 'n'), vast));
  EXPECT_MENTIONS(message, "m.index, key 'nnn");
  EXPECT_MENTIONS(message, "nnn...': no file has 4 bytes at offset -5");
  EXPECT_LT(message.size(), 300U);
  EXPECT_EQ(failure_of(bundle_writer().raw(std::string("a\0\nb", 4), vast)),
            "m.index, key 'a\\x00\\x0ab': no file has 4 bytes at offset -5");
}

TEST(bundle_reader, a_missing_or_short_shard_matters_to_its_tensors_only) {
  bundle_writer writer(3);
  writer.tensor("a", dtype::uint8, {2}, "aa", 0);
  writer.tensor("b", dtype::uint8, {2}, "bb", 1);
  writer.tensor("c", dtype::uint8, {2}, "cc", 2);
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(writer.index()));
  files.put("m.data-00000-of-00003", bundle_writer::bytes_of("aa"));
  files.put("m.data-00002-of-00003", bundle_writer::bytes_of("c"));
  const catalog source = read_bundle(files, "m");
  EXPECT_EQ(source.find("a")->refusal.reason, "");
  EXPECT_EQ(source.find("b")->refusal.code, error_code::not_found);
  EXPECT_MENTIONS(source.find("b")->refusal.reason, "m.data-00001-of-00003: no such file");
  EXPECT_EQ(source.find("c")->refusal.code, error_code::corrupt);
  EXPECT_MENTIONS(source.find("c")->refusal.reason, "found a file of 1");
}

TEST(bundle_reader, names_are_bytes) {
  const std::string nul("a\0b", 3);
  const std::string not_utf8 = "\xff\xfe";
  const std::string starts_with_zero("\0x", 2);
  const std::string long_name(1 << 20, 'n');
  bundle_writer writer;
  for (const std::string& name : {nul, not_utf8, starts_with_zero, long_name}) {
    writer.tensor(name, dtype::uint8, {1}, "x");
  }
  const catalog source = read(writer);
  for (const std::string& name : {nul, not_utf8, starts_with_zero, long_name}) {
    EXPECT_NE(source.find(name), nullptr);
  }
}

TEST(bundle_reader, reads_the_index_only_and_once) {
  bundle_writer writer;
  for (int i = 0; i < 1000; ++i) {
    writer.tensor("t" + std::to_string(i), dtype::uint8, {1}, "x");
  }
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(writer.index(1000)));
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(writer.shards()[0]));
  EXPECT_EQ(read_bundle(files, "m").tensors.size(), 1000U);
  std::int64_t bytes = 0;
  for (const auto& event : files.log()) {
    EXPECT_EQ(event.path, "m.index");
    bytes += event.size;
  }
  EXPECT_LE(bytes, static_cast<std::int64_t>(writer.index(1000).size()));
}

TEST(bundle_reader, every_truncation_of_the_index_is_refused) {
  for (const std::string& index : {test::G1_INDEX, test::G4_INDEX}) {
    for (std::size_t size = 0; size < index.size(); ++size) {
      memory_files files;
      files.put("g.index", bundle_writer::bytes_of(index.substr(0, size)));
      EXPECT_THROW((void)read_bundle(files, "g"), error) << size;
    }
  }
}

TEST(bundle_reader, every_flipped_bit_of_the_index_is_refused_or_harmless) {
  for (const std::string& index : {test::G1_INDEX, test::G4_INDEX}) {
    memory_files files;
    files.put("g.data-00000-of-00001", bundle_writer::bytes_of(test::G1_DATA));
    files.put("g.index", bundle_writer::bytes_of(index));
    const catalog good = read_bundle(files, "g");
    for (std::size_t bit = 0; bit < 8 * index.size(); ++bit) {
      files.contents("g.index") = bundle_writer::bytes_of(index);
      files.contents("g.index")[bit / 8] ^= std::byte(1U << (bit % 8));
      try {
        const catalog read = read_bundle(files, "g");
        EXPECT_EQ(names_of(read), names_of(good)) << bit;
        EXPECT_EQ(read.extents, good.extents) << bit;
      } catch (const error& bad) {
        EXPECT_NE(std::string(bad.what()).find("g.index"), std::string::npos) << bad.what();
      }
    }
  }
}

}  // namespace
}  // namespace warmstart::detail

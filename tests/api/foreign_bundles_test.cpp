// Bundles that no single writer on this machine makes: in the other byte order, merged from those
// of several writers, with slices that overlap or leave gaps.

#include <gtest/gtest.h>

#include <filesystem>

#include "support/small_model.hpp"
#include "support/string_payload.hpp"
#include "support/swapped.hpp"

namespace warmstart::detail {
namespace {

using test::bundle_writer;
using test::bytes_of;
using test::counted;
using test::error_of;
using test::swapped;
using test::values_of;

class foreign_bundles_test : public testing::Test {
 protected:
  std::string write(const bundle_writer& writer) const {
    writer.write(directory_ / "m");
    return directory_ / "m";
  }
  static std::string text_of(const host_tensor& tensor) {
    return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
  }

  test::temporary_directory directory_;
  variable_store vars_{"cpu:0"};
};

TEST_F(foreign_bundles_test, every_dtype_in_the_other_byte_order) {
  bundle_writer writer(2);
  writer.header(bundle_writer::header_record(2, true));
  std::string native(48, '\0');
  for (std::size_t i = 0; i < native.size(); ++i) native[i] = static_cast<char>(i);
  std::vector<dtype> types;
  for (int number = 0; number < 40; ++number) {
    const auto type = dtype_from_number(number);
    if (type && size_of(*type) != 0) types.push_back(*type);
  }
  ASSERT_GT(types.size(), 25U);
  for (const dtype type : types) {
    const auto count = static_cast<std::int64_t>(native.size() / size_of(type));
    const std::string name(name_of(type));
    // Of two writers, each with a shard.
    writer.tensor(name, type, {count}, swapped(native, type), static_cast<std::int64_t>(type) % 2);
  }
  add_strings(writer, "words", {2}, test::encode_strings({"hi", "there"}, true), 1);
  const auto source = checkpoint::open(write(writer));
  for (const dtype type : types) {
    EXPECT_EQ(text_of(source.read(name_of(type))), native) << name_of(type);
  }
  EXPECT_EQ(source.read_strings("words"), (std::vector<std::string>{"hi", "there"}));
  EXPECT_TRUE(source.verify().damage.empty());
}

TEST_F(foreign_bundles_test, parts_of_stored_slices_in_the_other_byte_order) {
  const auto all = counted<std::int32_t>(40);
  const std::string stored = swapped(bytes_of(all), dtype::int32);
  bundle_writer writer;
  writer.header(bundle_writer::header_record(1, true));
  writer.partitioned("t", dtype::int32, {10, 4},
                     {{slice::parse("0,3:0,4"), stored.substr(0, 48)},
                      {slice::parse("3,7:0,4"), stored.substr(48)}});
  const auto v = vars_.get_variable(
      "v", {10, 4}, {.type = dtype::int32, .partitioner = fixed_size_partitioner(2, 1)});
  const auto wide = vars_.get_variable("wide", {10, 4}, {.type = dtype::float64});
  init_from_checkpoint(vars_, write(writer), {{"t", v}, {"t", wide}}, {.cast = true});
  run_initializers(vars_);
  for (int row = 0; row < 10; ++row) {
    EXPECT_EQ(values_of<std::int32_t>(v.parts()[1])[static_cast<std::size_t>(2 * row)],
              4 * row + 2);
  }
  EXPECT_EQ(values_of<double>(wide), counted<double>(40));
  EXPECT_TRUE(verify(vars_).complete());
}

// As merging leaves it: slices of one tensor in shards of several writers, numbers that no entry
// has, and the temporary directory of a save that was cut off beside it.
TEST_F(foreign_bundles_test, a_bundle_merged_from_several_writers_is_read) {
  const std::string all = bytes_of(counted<float>(30));
  bundle_writer writer(7);
  const slice first = slice::parse("0,4:0,3");
  const slice second = slice::parse("4,6:0,3");
  writer.tensor("gap", dtype::uint8, {3}, "xyz", 4);
  writer.raw(encode_slice_key("emb", first),
             bundle_writer::record(writer.place(dtype::float32, {4, 3}, all.substr(0, 48), 6)));
  writer.raw(encode_slice_key("emb", second),
             bundle_writer::record(writer.place(dtype::float32, {6, 3}, all.substr(48), 2)));
  writer.raw("emb",
             bundle_writer::record({.type = 1, .sizes = {10, 3}, .slices = {first, second}}));
  const std::string prefix = write(writer);
  for (const std::size_t unused : {0UL, 1UL, 3UL, 5UL}) {
    std::filesystem::remove(writer.data_path(prefix, unused));
  }
  std::filesystem::create_directory(prefix + "_temp");
  bundle_writer part;
  part.tensor("emb", dtype::float32, {1}, "left").write(prefix + "_temp/part-00001-of-00007");

  const auto source = checkpoint::open(prefix);
  EXPECT_EQ(source.info("emb").files.size(), 2U);
  EXPECT_EQ(source.info("emb").refusal, "");
  const auto v = vars_.get_variable("v", {10, 3}, {.partitioner = fixed_size_partitioner(3)});
  init_from_checkpoint(vars_, prefix, {{"emb", v}});
  const load_report report = run_initializers(vars_);
  EXPECT_EQ(values_of<float>(v.parts()[1]),
            (std::vector<float>{12, 13, 14, 15, 16, 17, 18, 19, 20}));
  EXPECT_EQ(report.bytes_needed, 120);
  EXPECT_TRUE(verify(vars_).complete());
  // What was cut off is a checkpoint of its own, for who asks for it.
  EXPECT_EQ(text_of(checkpoint::open(prefix + "_temp/part-00001-of-00007").read("emb")), "left");

  std::filesystem::remove(writer.data_path(prefix, 2));
  const error bad = error_of([&] { return init_from_checkpoint(vars_, prefix, {{"emb", v}}); });
  EXPECT_EQ(bad.code(), error_code::not_found);
  EXPECT_NE(std::string(bad.what()).find("m.data-00002-of-00007: no such file"), std::string::npos);
}

TEST_F(foreign_bundles_test,
       slices_that_overlap_or_leave_out_what_is_wanted_are_refused_at_the_call) {
  bundle_writer writer;
  writer.partitioned("gap", dtype::uint8, {12},
                     {{slice::parse("0,3"), "abc"}, {slice::parse("6,6"), "ghijkl"}});
  writer.partitioned("overlap", dtype::uint8, {4},
                     {{slice::parse("0,3"), "abc"}, {slice::parse("2,2"), "cd"}});
  const std::string prefix = write(writer);
  const auto v = vars_.get_variable(
      "v", {12}, {.type = dtype::uint8, .partitioner = fixed_size_partitioner(4)});
  const auto w = vars_.get_variable("w", {4}, {.type = dtype::uint8});
  const auto refusal = [&](const assignment_map& map) {
    return error_of([&] { return init_from_checkpoint(vars_, prefix, map); });
  };
  EXPECT_EQ(refusal({{"gap", v}}).code(), error_code::mismatch);
  EXPECT_EQ(refusal({{"gap", std::vector{v.parts()[1]}}}).code(), error_code::mismatch);
  EXPECT_EQ(refusal({{"overlap", w}}).code(), error_code::corrupt);
  EXPECT_EQ(refusal({{"gap", v}, {"overlap", w}}).problems().size(), 2U);
  // Parts that lie within the stored slices can be loaded.
  init_from_checkpoint(vars_, prefix,
                       {{"gap", std::vector{v.parts()[0], v.parts()[2], v.parts()[3]}}});
  run_initializers(vars_);
  EXPECT_EQ(values_of<char>(v.parts()[3]), (std::vector<char>{'j', 'k', 'l'}));
}

}  // namespace
}  // namespace warmstart::detail

#include "warmstart/checkpoint.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <stop_token>

#include "support/process_state.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::error_of;

class checkpoint_test : public testing::Test {
 protected:
  static std::vector<float> floats(const host_tensor& tensor) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }

  test::small_model model_;
  checkpoint source_ = checkpoint::open(model_.path());
};

TEST_F(checkpoint_test, lists_its_tensors) {
  std::vector<std::string> names;
  for (const tensor_info& tensor : source_.tensors()) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a/b", "a/w", "emb", "names", "table"}));
  EXPECT_EQ(source_.format(), "tensor_bundle");
  EXPECT_EQ(source_.path(), model_.path());
  EXPECT_TRUE(source_.has("a/w"));
  EXPECT_FALSE(source_.has("a"));
  const tensor_info emb = source_.info("emb");
  EXPECT_EQ(emb.full_shape, (shape{10, 3}));
  EXPECT_EQ(emb.size_bytes, 120);
  EXPECT_EQ(emb.slices.size(), 3U);
  EXPECT_EQ(emb.files, std::vector<std::string>{model_.data_path()});
  EXPECT_TRUE(source_.info("a/w").slices.empty());
  EXPECT_EQ(error_of([&] { return source_.info("nowhere"); }).code(), error_code::not_found);
}

TEST_F(checkpoint_test, reads_whole_tensors_and_slices) {
  EXPECT_EQ(floats(source_.read("a/w")), test::counted<float>(24));
  EXPECT_EQ(floats(source_.read("emb")), test::counted<float>(30));
  const host_tensor part = source_.read("emb", slice::parse("3,2:1,2"));
  EXPECT_EQ(part.shape, (shape{2, 2}));
  EXPECT_EQ(floats(part), (std::vector<float>{10, 11, 13, 14}));
  EXPECT_EQ(floats(source_.read("emb", slice::parse("9,1:-"))), (std::vector<float>{27, 28, 29}));
  EXPECT_TRUE(source_.read_strings("names").empty());
}

TEST_F(checkpoint_test, stored_columns_are_cut_and_assembled) {
  test::bundle_writer writer;
  std::string first;
  std::string rest;
  const auto all = test::counted<float>(50);
  for (std::size_t row = 0; row < 5; ++row) {
    const auto* at = reinterpret_cast<const char*>(all.data() + 10 * row);
    first.append(at, 4);
    rest.append(at + 4, 36);
  }
  writer.partitioned("foo", dtype::float32, {5, 10},
                     {{slice::parse("-:0,1"), first}, {slice::parse("-:1,9"), rest}});
  writer.write(model_.directory() / "columns");
  const auto source = checkpoint::open(model_.directory() / "columns");
  EXPECT_EQ(floats(source.read("foo")), all);
  EXPECT_EQ(floats(source.read("foo", slice::parse("-:0,2"))),
            (std::vector<float>{0, 1, 10, 11, 20, 21, 30, 31, 40, 41}));
  EXPECT_EQ(floats(source.read("foo", slice::parse("-:2,2"))),
            (std::vector<float>{2, 3, 12, 13, 22, 23, 32, 33, 42, 43}));
}

TEST_F(checkpoint_test, slices_that_do_not_fit_or_are_not_stored_are_refused) {
  EXPECT_EQ(error_of([&] { return source_.read("emb", slice::parse("8,3:-")); }).code(),
            error_code::mismatch);
  EXPECT_EQ(error_of([&] { return source_.read("emb", slice::parse("8,1")); }).code(),
            error_code::mismatch);
  EXPECT_EQ(error_of([&] { return source_.read("names"); }).code(), error_code::mismatch);
  EXPECT_EQ(error_of([&] { return source_.read_strings("emb"); }).code(), error_code::mismatch);
  test::bundle_writer writer;
  writer.partitioned("gap", dtype::uint8, {10},
                     {{slice::parse("0,3"), "abc"}, {slice::parse("5,5"), "fghij"}});
  writer.write(model_.directory() / "gap");
  const auto source = checkpoint::open(model_.directory() / "gap");
  EXPECT_EQ(error_of([&] { return source.read("gap"); }).code(), error_code::mismatch);
  EXPECT_EQ(source.read("gap", slice::parse("5,5")).bytes.size(), 5U);
  EXPECT_EQ(source.info("gap").missing_elements, 2);
  EXPECT_EQ(source_.info("emb").missing_elements, 0);
  const auto damage = source.verify().damage;
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].code, error_code::mismatch);
  EXPECT_EQ(damage[0].message,
            "tensor gap: its slices leave gaps: 2 of 10 elements are not stored");
}

TEST_F(checkpoint_test, impossible_sizes_are_summed_without_overflow) {
  test::bundle_writer writer;
  test::bundle_writer::entry huge{.type = static_cast<std::int64_t>(dtype::string),
                                  .sizes = {INT64_MAX},
                                  .size = INT64_MAX - 5};
  test::bundle_writer::entry whole{
      .type = huge.type, .sizes = {4}, .slices = {slice::parse("0,2"), slice::parse("2,2")}};
  writer.raw("a", test::bundle_writer::record(huge)).raw("b", test::bundle_writer::record(huge));
  huge.sizes = {2};
  for (const slice& one : whole.slices) {
    writer.raw(encode_slice_key("c", one), test::bundle_writer::record(huge));
  }
  writer.raw("c", test::bundle_writer::record(whole));
  writer.write(model_.directory() / "huge");
  const auto source = checkpoint::open(model_.directory() / "huge");
  EXPECT_EQ(source.info("c").size_bytes, INT64_MAX);
  EXPECT_EQ(source.verify().damage.size(), 3U);
}

// Whatever numbers an index holds: an error or a listing, and nothing of that size is allocated.
TEST_F(checkpoint_test, extreme_numbers_are_refused_or_listed) {
  const std::vector<std::int64_t> extremes = {INT64_MIN,        -1,       0, 1, INT64_C(1) << 31,
                                              INT64_C(1) << 62, INT64_MAX};
  int listed = 0;
  const auto visit = [&](const test::bundle_writer& writer) {
    writer.write(model_.directory() / "extreme");
    try {
      const auto source = checkpoint::open(model_.directory() / "extreme");
      for (const tensor_info& tensor : source.tensors()) {
        try {
          (void)source.read(tensor.name);
        } catch (const error&) {
        }
      }
      (void)source.verify();
      ++listed;
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::corrupt) << bad.what();
    }
  };
  for (const std::int64_t type : {0, 1, 7, 10, 18, 21, 99, -1}) {
    for (const std::int64_t number : extremes) {
      for (const test::bundle_writer::entry& entry : {
               test::bundle_writer::entry{.type = type, .sizes = {number}, .size = 4},
               test::bundle_writer::entry{.type = type, .sizes = {number, number}, .size = number},
               test::bundle_writer::entry{.type = type, .sizes = {0, number}},
               test::bundle_writer::entry{.type = type, .sizes = {1}, .offset = number, .size = 4},
               test::bundle_writer::entry{.type = type, .sizes = {1}, .size = number},
               test::bundle_writer::entry{.type = type, .sizes = {1}, .shard = number, .size = 4},
           }) {
        test::bundle_writer writer;
        writer.place(dtype::uint8, {64}, std::string(64, 'x'));
        visit(writer.raw("t", test::bundle_writer::record(entry)));
      }
      const slice part(std::vector<slice_extent>{{.start = number, .length = number}});
      test::bundle_writer writer;
      writer.raw("t",
                 test::bundle_writer::record({.type = type, .sizes = {number}, .slices = {part}}));
      writer.raw(encode_slice_key("t", part),
                 test::bundle_writer::record({.type = type, .sizes = {number}, .size = number}));
      visit(writer);
    }
  }
  EXPECT_GT(listed, 50);
}

TEST_F(checkpoint_test, a_wrong_checksum_of_an_empty_tensor_is_damage) {
  test::bundle_writer writer;
  writer.raw("none", test::bundle_writer::record({.sizes = {0, 3}, .crc = 7}));
  writer.write(model_.directory() / "none");
  const auto damage = checkpoint::open(model_.directory() / "none").verify().damage;
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].code, error_code::corrupt);
}

TEST_F(checkpoint_test, any_damaged_byte_of_a_tensor_is_found) {
  const std::string good = test::read_file(model_.data_path());
  for (std::size_t i = 0; i < 96; ++i) {
    model_.damage(i);
    EXPECT_EQ(error_of([&] { return checkpoint::open(model_.path()).read("a/w"); }).code(),
              error_code::corrupt);
    test::write_file(model_.data_path(), good);
  }
}

TEST_F(checkpoint_test, verify_names_each_bad_tensor) {
  EXPECT_TRUE(source_.verify().damage.empty());
  EXPECT_EQ(source_.verify().tensors, 5);
  EXPECT_EQ(source_.verify().bytes,
            static_cast<std::int64_t>(test::read_file(model_.data_path()).size()));
  model_.damage(10);                                              // a/w
  model_.damage(96 + 20 + 2048 + 60);                             // emb, its second slice
  model_.damage(test::read_file(model_.data_path()).size() - 1);  // names
  std::vector<std::string> bad;
  for (const problem& one : checkpoint::open(model_.path()).verify().damage) {
    bad.push_back(one.tensor);
    EXPECT_EQ(one.code, error_code::corrupt);
  }
  std::sort(bad.begin(), bad.end());
  EXPECT_EQ(bad, (std::vector<std::string>{"a/w", "emb", "names"}));
}

TEST_F(checkpoint_test, the_file_of_small_reads_stays_open_as_long_as_the_checkpoint) {
  const std::size_t before = test::descriptor_count();
  {
    const checkpoint source = checkpoint::open(model_.path());
    (void)source.read("a/w");
    EXPECT_EQ(test::descriptor_count(), before + 1);
    const checkpoint copy = source;
    std::array<std::byte, 20> into{};
    copy.read_into("a/b", into);
    EXPECT_EQ(floats(copy.read("table")), test::counted<float>(512));
    EXPECT_EQ(test::descriptor_count(), before + 1);
  }
  EXPECT_EQ(test::descriptor_count(), before);
}

TEST_F(checkpoint_test, damage_and_changes_between_small_reads_are_noticed) {
  EXPECT_EQ(floats(source_.read("a/w")), test::counted<float>(24));
  const auto modified = std::filesystem::last_write_time(model_.data_path());
  model_.damage(5);
  EXPECT_EQ(error_of([&] { return source_.read("a/w"); }).code(), error_code::io);
  std::filesystem::last_write_time(model_.data_path(), modified);  // as if nothing was written
  const error damaged = error_of([&] { return source_.read("a/w"); });
  EXPECT_EQ(damaged.code(), error_code::corrupt);
  EXPECT_EQ(damaged.problems().at(0).tensor, "a/w");
  EXPECT_EQ(source_.read("a/w", {.checksums = false}).bytes.size(), 96U);
  EXPECT_EQ(source_.read("a/b").bytes.size(), 20U);
}

TEST_F(checkpoint_test, small_reads_can_be_cancelled_and_have_sizes) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_of([&] { return source_.read("a/w", {.stop = stop.get_token()}); }).code(),
            error_code::cancelled);
  std::array<std::byte, 20> into{};
  EXPECT_EQ(error_of([&] {
              source_.read_into("a/w", into);
              return 0;
            }).code(),
            error_code::invalid_argument);
}

TEST_F(checkpoint_test, a_file_that_changed_after_it_was_opened_is_noticed) {
  model_.write(3);
  EXPECT_EQ(error_of([&] { return source_.read("a/w"); }).code(), error_code::io);
}

TEST_F(checkpoint_test, the_latest_checkpoint_of_a_directory_is_found) {
  EXPECT_EQ(latest_checkpoint(model_.directory().str()), std::nullopt);
  test::write_file(model_.directory() / "checkpoint", "model_checkpoint_path: \"model.ckpt\"");
  EXPECT_EQ(latest_checkpoint(model_.directory().str()), model_.path());
}

}  // namespace
}  // namespace warmstart::detail

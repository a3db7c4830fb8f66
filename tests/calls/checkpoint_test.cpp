#include "warmstart/checkpoint.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "support/small_model.hpp"

namespace warmstart {
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
  EXPECT_EQ(part.of, (shape{2, 2}));
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

TEST_F(checkpoint_test, slices_that_do_not_fit_or_are_not_stored) {
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

TEST_F(checkpoint_test, a_file_that_changed_after_it_was_opened_is_noticed) {
  model_.write(3);
  EXPECT_EQ(error_of([&] { return source_.read("a/w"); }).code(), error_code::io);
}

TEST_F(checkpoint_test, the_latest_of_a_directory) {
  EXPECT_EQ(latest_checkpoint(model_.directory().str()), std::nullopt);
  test::write_file(model_.directory() / "checkpoint", "model_checkpoint_path: \"model.ckpt\"");
  EXPECT_EQ(latest_checkpoint(model_.directory().str()), model_.path());
}

}  // namespace
}  // namespace warmstart

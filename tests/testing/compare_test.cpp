#include "warmstart/testing/compare.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "support/small_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::testkit {

using namespace detail;

namespace {

using test::counted;
using test::error_of;

class compare_test : public testing::Test {
 protected:
  /// Elements on the host, of the dtype that is float32 unless it is said.
  template <class Number>
  static resident_tensor on_host(std::vector<Number>& elements, const shape& of,
                                 dtype type = dtype::float32) {
    return {.data = elements.data(), .type = type, .shape = of};
  }

  test::small_model model_;
  checkpoint source_ = checkpoint::open(model_.path());
};

TEST_F(compare_test, equal_contents_pass) {
  auto table = counted<float>(512);
  const tensor_comparison same = matches_tensor(on_host(table, {64, 8}), source_, "table");
  EXPECT_TRUE(same);
  EXPECT_EQ(same.message, "");
  EXPECT_EQ(same.elements, 512);
  EXPECT_EQ(same.differing, 0);
  EXPECT_EQ(same.first, std::nullopt);
  auto emb = counted<float>(30);  // stored in slices
  EXPECT_TRUE(matches_tensor(on_host(emb, {10, 3}), source_, "emb"));
}

TEST_F(compare_test, the_first_difference_is_reported_with_both_values) {
  auto table = counted<float>(512);
  table[19] = 1.5F;
  table[20] = -0.0F;
  table[511] = std::numeric_limits<float>::infinity();
  resident_tensor memory = on_host(table, {64, 8});
  const tensor_comparison found = matches_tensor(memory, source_, "table");
  EXPECT_FALSE(found);
  EXPECT_EQ(found.elements, 512);
  EXPECT_EQ(found.differing, 3);
  EXPECT_EQ(found.first, (element_place{{2, 3}, "", "cpu:0"}));
  EXPECT_EQ(found.found, "1.5 (0x3fc00000)");
  EXPECT_EQ(found.expected, "19 (0x41980000)");
  EXPECT_EQ(found.message, "the memory: 3 of 512 elements differ from tensor table of " +
                               model_.path() +
                               ", the first at [2,3] on cpu:0: found 1.5 (0x3fc00000), expected 19 "
                               "(0x41980000)");
  memory.name = "weights";
  EXPECT_TRUE(matches_tensor(memory, source_, "table").message.starts_with("weights: 3 of 512 "));
}

TEST_F(compare_test, bits_are_compared_not_values) {
  auto w = counted<float>(24);
  w[0] = -0.0F;
  const tensor_comparison found = matches_tensor(on_host(w, {6, 4}), source_, "a/w");
  EXPECT_EQ(found.differing, 1);
  EXPECT_EQ(found.found, "-0 (0x80000000)");
  EXPECT_EQ(found.expected, "0 (0x00000000)");
}

TEST_F(compare_test, a_difference_in_any_element_is_found) {
  for (std::size_t i = 0; i < 24; ++i) {
    auto w = counted<float>(24);
    w[i] += 0.5F;
    const tensor_comparison found = matches_tensor(on_host(w, {6, 4}), source_, "a/w");
    EXPECT_EQ(found.differing, 1);
    const auto at = static_cast<std::int64_t>(i);
    EXPECT_EQ(found.first->index, (std::vector<std::int64_t>{at / 4, at % 4}));
  }
}

TEST_F(compare_test, a_slice_is_compared_with_memory_of_its_lengths) {
  std::vector<float> some = {10, 11, 13, 14};  // rows 3 and 4, columns 1 and 2
  EXPECT_TRUE(matches_tensor(on_host(some, {2, 2}), source_, "emb", slice::parse("3,2:1,2")));
  some[2] = 0;
  const tensor_comparison found =
      matches_tensor(on_host(some, {2, 2}), source_, "emb", slice::parse("3,2:1,2"));
  EXPECT_EQ(found.first->index, (std::vector<std::int64_t>{1, 0}));  // of the memory
  EXPECT_NE(found.message.find("slice 3,2:1,2 of tensor emb of "), std::string::npos)
      << found.message;
  std::vector<float> row = {3, 4, 5};
  EXPECT_TRUE(matches_tensor(on_host(row, {1, 3}), source_, "emb", slice::parse("1,1:-")));
}

TEST_F(compare_test, shape_and_dtype_differ_before_elements_do) {
  auto w = counted<float>(24);
  const tensor_comparison turned = matches_tensor(on_host(w, {4, 6}), source_, "a/w");
  EXPECT_FALSE(turned);
  EXPECT_EQ(turned.elements, 0);
  EXPECT_EQ(turned.first, std::nullopt);
  EXPECT_EQ(turned.message,
            "the memory is float32[4,6], but tensor a/w of " + model_.path() + " is float32[6,4]");
  const tensor_comparison cast = matches_tensor(on_host(w, {6, 4}, dtype::int32), source_, "a/w");
  EXPECT_FALSE(cast);
  EXPECT_TRUE(cast.message.starts_with("the memory is int32[6,4], but ")) << cast.message;
  EXPECT_FALSE(matches_tensor(on_host(w, {6, 4}), source_, "names"));  // strings
  EXPECT_FALSE(matches_tensor(on_host(w, {6, 4}), source_, "a/w", slice::parse("0,5:-")));
}

TEST_F(compare_test, memory_of_several_pieces_and_any_alignment) {
  constexpr std::size_t COUNT = 700'001;  // 2.7 MiB
  const auto numbers = counted<float>(COUNT);
  test::bundle_writer writer;
  writer.tensor("long", dtype::float32, {COUNT}, test::bytes_of(numbers));
  writer.tensor("none", dtype::float32, {0, 3}, "");
  const test::temporary_directory directory;
  writer.write(directory / "model");
  const checkpoint source = checkpoint::open(directory / "model");

  std::vector<std::byte> bytes(4 * COUNT + 1);
  std::memcpy(&bytes[1], numbers.data(), 4 * COUNT);
  const resident_tensor memory = {.data = &bytes[1], .type = dtype::float32, .shape = {COUNT}};
  EXPECT_TRUE(matches_tensor(memory, source, "long"));
  for (const std::size_t at : {0U, 262'143U, 262'144U, 524'288U, 700'000U}) {
    std::byte& changed = bytes[1 + 4 * at];
    changed ^= std::byte{1};
    const tensor_comparison found = matches_tensor(memory, source, "long");
    EXPECT_EQ(found.differing, 1);
    EXPECT_EQ(found.first->index, std::vector{static_cast<std::int64_t>(at)});
    changed ^= std::byte{1};
  }
  const tensor_comparison empty =
      matches_tensor({.type = dtype::float32, .shape = {0, 3}}, source, "none");
  EXPECT_TRUE(empty);
  EXPECT_EQ(empty.elements, 0);
}

TEST_F(compare_test, variables_are_compared_part_by_part) {
  variable_store vars{"cpu:0"};
  const variable emb =
      vars.get_variable("emb", {10, 3}, {.partitioner = fixed_size_partitioner(3)});
  init_from_checkpoint(vars, model_.path(), {{"emb", "emb"}});
  EXPECT_EQ(error_of([&] { return matches_tensor(emb, source_, "emb"); }).code(),
            error_code::invalid_argument);  // no memory yet
  run_initializers(vars);
  const tensor_comparison same = matches_tensor(emb, source_, "emb");
  EXPECT_TRUE(same) << same.message;
  EXPECT_EQ(same.elements, 30);

  const variable last = emb.parts()[2];
  static_cast<float*>(last.data())[5] = 100;
  static_cast<float*>(last.data())[4] = 100;
  const tensor_comparison found = matches_tensor(emb, source_, "emb");
  EXPECT_EQ(found.elements, 30);
  EXPECT_EQ(found.differing, 2);
  EXPECT_EQ(found.first, (element_place{{8, 1}, "emb/part_2", "cpu:0"}));  // of the whole
  EXPECT_EQ(found.message, "emb: 2 of 30 elements differ from tensor emb of " + model_.path() +
                               ", the first at [8,1] of emb/part_2 on cpu:0: found 100 "
                               "(0x42c80000), expected 25 (0x41c80000)");

  EXPECT_TRUE(matches_tensor(emb.parts()[0], source_, "emb"));
  EXPECT_EQ(matches_tensor(last, source_, "emb").first->index, (std::vector<std::int64_t>{8, 1}));
  EXPECT_TRUE(matches_tensor(resident(emb.parts()[1]), source_, "emb", slice::parse("4,3:-")));
  EXPECT_EQ(matches_tensor(resident(last), source_, "emb", slice::parse("7,3:-")).first->index,
            (std::vector<std::int64_t>{1, 1}));
}

TEST_F(compare_test, a_partitioned_variable_may_be_a_slice_of_the_tensor) {
  test::bundle_writer writer;
  std::vector<float> middle;
  for (int row = 10; row < 50; ++row) {
    for (int column = 2; column < 7; ++column) {
      middle.push_back(static_cast<float>(8 * row + column));
    }
  }
  writer.tensor("middle", dtype::float32, {40, 5}, test::bytes_of(middle));
  const test::temporary_directory directory;
  writer.write(directory / "cut");
  variable_store vars{"cpu:0"};
  const variable v = vars.get_variable("v", {40, 5}, {.partitioner = fixed_size_partitioner(2, 1)});
  init_from_checkpoint(vars, directory / "cut", {{"middle", "v"}});
  run_initializers(vars);
  EXPECT_TRUE(matches_tensor(v, source_, "table", slice::parse("10,40:2,5")));
  EXPECT_FALSE(matches_tensor(v, source_, "table", slice::parse("11,40:2,5")));
  EXPECT_FALSE(matches_tensor(v, source_, "table"));
}

TEST_F(compare_test, elements_of_every_kind_have_a_text) {
  struct sample {
    dtype type;
    std::string bytes;
    std::string text;
  };
  using namespace std::string_literals;
  const std::vector<sample> samples = {
      {dtype::float64, "\0\0\0\0\0\0\xf8\x3f"s, "1.5 (0x3ff8000000000000)"},
      {dtype::float32, "\0\0\xc0\x7f"s, "nan (0x7fc00000)"},
      {dtype::float16, "\0\x3e"s, "1.5 (0x3e00)"},
      {dtype::bfloat16, "\xc0\x3f"s, "1.5 (0x3fc0)"},
      {dtype::float8_e5m2, "\x3e"s, "1.5 (0x3e)"},
      {dtype::float8_e4m3fn, "\x3c"s, "1.5 (0x3c)"},
      {dtype::float8_e4m3fnuz, "\x3c"s, "0x3c"},
      {dtype::float4_e2m1fn, "\x02"s, "0x02"},
      {dtype::int64, "\xfe\xff\xff\xff\xff\xff\xff\xff"s, "-2 (0xfffffffffffffffe)"},
      {dtype::uint8, "\xff"s, "255 (0xff)"},
      {dtype::int8, "\xff"s, "-1 (0xff)"},
      {dtype::uint16, "\xff\xff"s, "65535 (0xffff)"},
      {dtype::boolean, "\x07"s, "true (0x07)"},
      {dtype::int4, "\xff"s, "-1 (0xff)"},
      {dtype::complex64, "\0\0\xc0\x3f\0\0\0\xc0"s, "(1.5, -2) (0xc00000003fc00000)"},
  };
  test::bundle_writer writer;
  for (const sample& one : samples) {
    writer.tensor(std::string(name_of(one.type)), one.type, {},
                  std::string(one.bytes.size(), '\x01'));
  }
  const test::temporary_directory directory;
  writer.write(directory / "model");
  const checkpoint source = checkpoint::open(directory / "model");
  for (sample one : samples) {
    const tensor_comparison found = matches_tensor(
        {.data = one.bytes.data(), .type = one.type, .shape = {}}, source, name_of(one.type));
    EXPECT_EQ(found.found, one.text) << name_of(one.type);
    EXPECT_EQ(found.first->index, std::vector<std::int64_t>{});
  }
}

TEST_F(compare_test, mistakes_of_the_caller_are_thrown) {
  auto w = counted<float>(24);
  const auto code = [&](const resident_tensor& memory, const char* tensor,
                        const slice& where = slice::parse("-:-")) {
    return error_of([&] { return matches_tensor(memory, source_, tensor, where); }).code();
  };
  const resident_tensor good = on_host(w, {6, 4});
  EXPECT_EQ(code(good, "a/v"), error_code::not_found);
  EXPECT_EQ(code(good, "a/w", slice::parse("0,7:-")), error_code::mismatch);
  EXPECT_EQ(code(good, "a/w", slice::parse("-")), error_code::mismatch);
  resident_tensor bad = good;
  bad.data = nullptr;
  bad.name = "weights";
  EXPECT_STREQ(error_of([&] { return matches_tensor(bad, source_, "a/w"); }).what(),
               "weights on cpu:0 has no address");
  bad = good;
  bad.type = dtype::string;
  EXPECT_EQ(code(bad, "a/w"), error_code::invalid_argument);
  bad.type = dtype::invalid;
  EXPECT_EQ(code(bad, "a/w"), error_code::invalid_argument);
  bad = good;
  bad.device = "cuda:99";
  EXPECT_EQ(code(bad, "a/w"), error_code::device);
  bad = {.data = w.data(), .type = dtype::float64, .shape = {std::int64_t{1} << 61, 3}};
  EXPECT_EQ(code(bad, "a/w"), error_code::invalid_argument);

  variable_store vars{"cpu:0"};
  const variable v = vars.get_variable("v", {6, 4}, {.partitioner = fixed_size_partitioner(2)});
  EXPECT_EQ(error_of([&] { return resident(v.parts()[0]); }).code(), error_code::invalid_argument);
  run_initializers(vars);
  EXPECT_EQ(error_of([&] { return resident(v); }).code(), error_code::invalid_argument);
  EXPECT_EQ(error_of([&] { return resident(v.parts()[0], 1); }).code(),
            error_code::invalid_argument);

  model_.damage(0);
  EXPECT_EQ(code(good, "a/w"), error_code::io);  // not the file that was opened
  source_ = checkpoint::open(model_.path());
  EXPECT_EQ(code(good, "a/w"), error_code::corrupt);
}

}  // namespace
}  // namespace warmstart::testkit

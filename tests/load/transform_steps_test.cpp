#include "load/transform_steps.hpp"

#include <gtest/gtest.h>

#include "support/random_transforms.hpp"
#include "support/small_model.hpp"
#include "warmstart/transform.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

using test::error_of;
using test::values_of;
using test::write_file;

class transforms : public testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name, const std::string& contents) const {
    const std::string path = model_.directory() / name;
    write_file(path, contents);
    return path;
  }

  /// What rows of `emb` a remap by vocabularies gives, -1 where the initializer makes them.
  std::vector<float> rows_of(const remap& how, std::int64_t rows) const {
    variable_store vars{"cpu:0"};
    const auto v = vars.get_variable("v", {rows, 3}, {.initializer = constant(-1)});
    init_from_checkpoint(vars, model_.path(), {{"emb", v, {.rows = how}}});
    run_initializers(vars);
    EXPECT_TRUE(verify(vars).complete());
    std::vector<float> found;
    const std::vector<float> all = values_of<float>(v);
    for (std::size_t row = 0; row < all.size() / 3; ++row) {
      found.push_back(all[3 * row] < 0 ? -1 : all[3 * row] / 3);
    }
    return found;
  }

  error refusal_of(const remap& how) const {
    return error_of([&] { return to_view_steps({.rows = how}); });
  }

  test::small_model model_;
};

using floats = std::vector<float>;

TEST_F(transforms, tokens_keep_their_rows) {
  const std::string old_tokens = file("old", "a\nb\nc\nd\n");
  const std::string fresh = file("new", "d\nx\na\r\na\nc");
  EXPECT_EQ(rows_of({.old_vocabulary = old_tokens, .new_vocabulary = fresh}, 7),
            (floats{3, -1, 0, 0, 2, -1, -1}));
  EXPECT_EQ(rows_of({.old_vocabulary = old_tokens, .new_vocabulary = fresh, .old_size = 2}, 5),
            (floats{-1, -1, 0, 0, -1}));
  EXPECT_EQ(rows_of({.old_vocabulary = old_tokens, .new_vocabulary = fresh, .new_size = 3}, 3),
            (floats{3, -1, 0}));
  EXPECT_EQ(rows_of({.old_vocabulary = file("none", ""), .new_vocabulary = fresh}, 5),
            (floats{-1, -1, -1, -1, -1}));
}

// As in TensorFlow's warm start, where the size is that of rows.
TEST_F(transforms, the_old_column_vocabulary_is_used_in_full) {
  const std::string tokens = file("old", "a\nb\nc\n");
  const view_steps steps = to_view_steps(
      {.columns = remap{.old_vocabulary = tokens, .new_vocabulary = tokens, .old_size = 1}});
  EXPECT_EQ(steps.remaps[1]->runs(0, 3), (std::vector<index_run>{{0, 3, 0}}));
}

TEST_F(transforms, vocabularies_that_tensorflow_refuses_are_refused) {
  const std::string good = file("good", "a\nb\n");
  const std::string twice = file("twice", "a\nb\na\n");
  const std::string empty_line = file("empty_line", "a\n\nb\n");
  const error same = refusal_of({.old_vocabulary = twice, .new_vocabulary = good});
  EXPECT_EQ(same.code(), error_code::corrupt);
  EXPECT_EQ(same.what(), twice + ", line 3: the token is already on line 1");
  // Lines beyond the size are ignored.
  EXPECT_NO_THROW((void)to_view_steps(
      {.rows = remap{.old_vocabulary = twice, .new_vocabulary = twice, .old_size = 2}}));
  const error line = refusal_of({.old_vocabulary = good, .new_vocabulary = empty_line});
  EXPECT_EQ(line.code(), error_code::corrupt);
  EXPECT_EQ(line.what(), empty_line + ", line 2: expected a token, found an empty line");
  const error size = refusal_of({.old_vocabulary = good, .new_vocabulary = good, .new_size = 3});
  EXPECT_EQ(size.code(), error_code::mismatch);
  EXPECT_EQ(size.what(), good + ": expected at least 3 lines, found 2");
  EXPECT_EQ(refusal_of({.old_vocabulary = good, .new_vocabulary = good, .old_size = -1}).code(),
            error_code::invalid_argument);
  EXPECT_EQ(refusal_of({.old_vocabulary = good + "x", .new_vocabulary = good}).code(),
            error_code::not_found);
}

TEST_F(transforms, contradictory_or_incomplete_remaps_are_refused) {
  const std::string good = file("good", "a\n");
  for (const remap& how : {remap{.indices = {0}, .old_vocabulary = good, .new_vocabulary = good},
                           remap{.old_vocabulary = good}, remap{.new_vocabulary = good},
                           remap{.indices = {0}, .old_size = 1}, remap{.indices = {-2}}}) {
    EXPECT_EQ(refusal_of(how).code(), error_code::invalid_argument);
  }
}

TEST_F(transforms, one_error_lists_all_mistakes_of_a_map) {
  variable_store vars{"cpu:0"};
  const auto v = vars.get_variable("v", {6, 4});
  const error bad = error_of([&] {
    return init_from_checkpoint(
        vars, model_.path(),
        {{"emb", v, {.rows = remap{.indices = {-2}}, .columns = remap{.old_size = 1}}},
         {"a/w", v, {.transpose = {0, 0}}},
         {"table", v, {.slice = {{60, 5}, {0, 4}}}}});
  });
  std::vector<error_code> codes;
  for (const problem& one : bad.problems()) codes.push_back(one.code);
  EXPECT_EQ(codes,
            (std::vector<error_code>{error_code::invalid_argument, error_code::invalid_argument,
                                     error_code::invalid_argument, error_code::mismatch}));
}

TEST_F(transforms, are_described_in_words) {
  EXPECT_EQ(to_string(transform{}), "");
  EXPECT_EQ(
      to_string(transform{
          .slice = {{0, 2}, {3, -1}},
          .reshape = {{4, -1}},
          .transpose = {1, 0},
          .rows = remap{.indices = {1, 2}},
          .columns = remap{.old_vocabulary = "old.txt", .new_vocabulary = "new.txt", .old_size = 7},
          .cast = true}),
      "slice 0,2:3,-1, reshape [4,-1], transpose 1,0, rows 2 indices, columns old.txt (7 "
      "lines) to new.txt, cast");
}

TEST_F(transforms, assignments_and_reports_describe_them) {
  variable_store vars{"cpu:0"};
  const auto v = vars.get_variable("v", {5, 6}, {.partitioner = fixed_size_partitioner(2)});
  const auto plain = vars.get_variable("plain", {6, 4});
  const auto resolved = init_from_checkpoint(
      vars, model_.path(),
      {{"a/w", plain}, {"a/w", v, {.transpose = {1, 0}, .rows = remap{.indices = {3, 2, 1, 0}}}}});
  EXPECT_EQ(to_string(resolved),
            "variable  part  device  tensor  slice    bytes  transform\n"
            "v            0  cpu:0   a/w     0,3:0,6   72 B  transpose 1,0, rows 4 indices\n"
            "v            1  cpu:0   a/w     3,2:0,6   48 B  transpose 1,0, rows 4 indices\n"
            "plain           cpu:0   a/w     0,6:0,4   96 B\n");
  EXPECT_EQ(resolved.rows.at(0).entry, 1U);
  EXPECT_EQ(make_plan(vars).devices.at(0).filled_bytes, 6 * 4);
  const load_report report = run_initializers(vars);
  EXPECT_EQ(report.rows.at(0).initializer, "");
  EXPECT_EQ(report.rows.at(1).initializer, "glorot_uniform");
  EXPECT_EQ(report.rows.at(1).transform, "transpose 1,0, rows 4 indices");
  const verification_report resident = verify(vars);
  EXPECT_EQ(resident.rows.at(0).verified, verified_by::loaded);
  EXPECT_EQ(resident.rows.at(2).verified, verified_by::stored);
}

// Whatever an earlier call, or run, put there.
TEST_F(transforms, unmapped_rows_come_from_the_initializer) {
  variable_store vars{"cpu:0"};
  const auto v = vars.get_variable("v", {10, 3}, {.initializer = constant(-1)});
  init_from_checkpoint(vars, model_.path(), {{"emb", v}});
  run_initializers(vars);
  init_from_checkpoint(vars, model_.path(), {{"emb", v}});
  init_from_checkpoint(
      vars, model_.path(),
      {{"emb", v, {.rows = remap{.indices = {9}}, .columns = remap{.indices = {2, -1, 0}}}}});
  run_initializers(vars);
  floats expected(30, -1);
  expected[0] = 29;
  expected[2] = 27;
  EXPECT_EQ(values_of<float>(v), expected);
}

TEST_F(transforms, unmapped_rows_of_caller_memory_are_not_written) {
  floats memory(9, 77);
  variable_store vars{"cpu:0"};
  vars.wrap("v", {3, 3}, dtype::float32, memory.data(), memory.size() * sizeof(float), "cpu:0");
  init_from_checkpoint(vars, model_.path(), {{"emb", "v", {.rows = remap{.indices = {1, -1, 2}}}}});
  const load_report report = run_initializers(vars);
  EXPECT_EQ(memory, (floats{3, 4, 5, 77, 77, 77, 6, 7, 8}));
  EXPECT_EQ(report.rows.at(0).initializer, "");
  EXPECT_TRUE(verify(vars).complete());
}

// Elements that the initializer makes are part of a row's checksum.
TEST_F(transforms, damage_to_filled_rows_is_found) {
  variable_store vars{"cpu:0"};
  const auto v = vars.get_variable("v", {3, 3}, {.initializer = uniform()});
  init_from_checkpoint(vars, model_.path(), {{"emb", v, {.rows = remap{.indices = {1, -1, 2}}}}});
  run_initializers(vars);
  EXPECT_TRUE(verify(vars).complete());
  static_cast<float*>(v.data())[4] += 1;
  EXPECT_EQ(verify(vars).damage.size(), 1U);
}

TEST_F(transforms, only_the_rows_that_are_wanted_are_read) {
  variable_store vars{"cpu:0"};
  const auto v = vars.get_variable("v", {4, 8});
  init_from_checkpoint(vars, model_.path(),
                       {{"table", v, {.rows = remap{.indices = {63, 3, 3, 4}}}}});
  const load_plan plan = make_plan(vars);
  EXPECT_EQ(plan.bytes_needed, 3 * 32);
  run_initializers(vars);
  EXPECT_EQ(values_of<float>(v)[0], 504);
  EXPECT_EQ(values_of<float>(v)[8], 24);
  EXPECT_EQ(values_of<float>(v)[16], 24);
}

TEST_F(transforms, random_transforms_agree_with_element_loops) {
  test::random_transforms({"cpu:0"}, 3).run(300);
  test::random_transforms({"cpu:0"}, 4)
      .run(60,
           {.budget_bytes = 1 << 20, .checksums = false, .io = load_options::io_mode::buffered});
  test::random_transforms({"cpu:0"}, 9).run(100, {.io = load_options::io_mode::mapped});
  test::random_transforms({"cpu:0"}, 10)
      .run(60, {.checksums = false, .io = load_options::io_mode::mapped});
}

}  // namespace
}  // namespace warmstart::detail

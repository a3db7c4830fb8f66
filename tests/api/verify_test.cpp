#include "warmstart/verify.hpp"

#include <gtest/gtest.h>

#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::error_of;

class verify_test : public testing::Test {
 protected:
  std::vector<verified_by> how() const {
    std::vector<verified_by> all;
    for (const verified_row& row : verify(vars_).rows) all.push_back(row.verified);
    return all;
  }

  test::small_model model_;
  variable_store vars_{"cpu:0"};
};

TEST_F(verify_test, says_how_each_row_was_compared) {
  vars_.get_variable("whole", {6, 4});
  vars_.get_variable("parts", {64, 8}, {.partitioner = fixed_size_partitioner(2, 1)});
  vars_.get_variable("cast", {6, 4}, {.type = dtype::float64});
  vars_.get_variable("own", {3});
  vars_.get_variable("pending", {3});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "whole"}, {"table", "parts"}});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "cast"}}, {.cast = true});
  run_initializers(vars_);
  const auto loaded_later = vars_.get_variable("later", {3});
  EXPECT_EQ(how(),
            (std::vector<verified_by>{verified_by::stored, verified_by::stored, verified_by::stored,
                                      verified_by::loaded, verified_by::no, verified_by::no}));
  const auto report = verify(vars_);
  EXPECT_TRUE(report.complete());
  EXPECT_TRUE(report.rows[0].from_checkpoint);
  EXPECT_FALSE(report.rows[4].from_checkpoint);
  EXPECT_EQ(to_string(report.rows[3].verified), "loaded");
}

TEST_F(verify_test, finds_and_names_every_flipped_byte) {
  const auto whole = vars_.get_variable("whole", {6, 4});
  const auto parts = vars_.get_variable("emb", {10, 3}, {.partitioner = fixed_size_partitioner(3)});
  const auto columns =
      vars_.get_variable("columns", {64, 8}, {.partitioner = fixed_size_partitioner(4, 1)});
  const auto cast = vars_.get_variable("cast", {5}, {.type = dtype::float16});
  init_from_checkpoint(vars_, model_.path(),
                       {{"a/w", whole}, {"emb", parts}, {"table", columns}, {"a/b", cast}},
                       {.cast = true});
  run_initializers(vars_);
  EXPECT_TRUE(verify(vars_).complete());
  for (const variable& v : {whole, parts, columns, cast}) {
    for (const variable& part : v.parts()) {
      auto* bytes = static_cast<std::byte*>(part.data());
      for (std::int64_t i = 0; i < part.size_bytes(); i += 7) {
        bytes[i] ^= std::byte{4};
        const auto report = verify(vars_);
        ASSERT_EQ(report.damage.size(), 1U) << part.name() << ' ' << i;
        EXPECT_FALSE(report.complete());
        EXPECT_EQ(report.damage[0].variable.rfind(v.name(), 0), 0U) << report.damage[0].variable;
        EXPECT_EQ(report.damage[0].code, error_code::corrupt);
        bytes[i] ^= std::byte{4};
      }
    }
  }
  EXPECT_TRUE(verify(vars_).complete());
}

TEST_F(verify_test, needs_all_rows_that_share_a_stored_piece) {
  const auto t = vars_.get_variable("t", {64, 8}, {.partitioner = fixed_size_partitioner(2)});
  init_from_checkpoint(vars_, model_.path(), {{"table", t}});
  run_initializers(vars_);
  EXPECT_EQ(how(), std::vector<verified_by>(2, verified_by::stored));
  // Load one of them again, alone.
  init_from_checkpoint(vars_, model_.path(), {{"table", std::vector<variable>{t.parts()[0]}}});
  run_initializers(vars_);
  EXPECT_EQ(how(), (std::vector<verified_by>{verified_by::loaded, verified_by::no}));
  EXPECT_FALSE(verify(vars_).complete());
}

TEST_F(verify_test, some_rows_cannot_be_compared_without_expected_checksums) {
  vars_.get_variable("cast", {6, 4}, {.type = dtype::float64});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "cast"}}, {.cast = true});
  run_initializers(vars_, {.verifiable = false});
  EXPECT_EQ(how(), std::vector<verified_by>{verified_by::no});
}

TEST_F(verify_test, checksums_are_of_the_resident_bytes) {
  vars_.get_variable("zero", {4}, {.initializer = zeros()});
  vars_.get_variable("none", {0, 4});
  run_initializers(vars_);
  const auto rows = verify(vars_).rows;
  ASSERT_EQ(rows.size(), 2U);
  const std::array<std::byte, 16> nothing{};
  EXPECT_EQ(rows[0].crc32c, crc32c(nothing));
  EXPECT_EQ(rows[1].crc32c, 0U);
}

}  // namespace
}  // namespace warmstart::detail

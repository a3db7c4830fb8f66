#include "warmstart/init_from_checkpoint.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "support/allocation_counter.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::counted;
using test::error_of;
using test::values_of;

class init_from_checkpoint_test : public testing::Test {
 protected:
  test::small_model model_;
  variable_store vars_{"cpu:0"};
};

TEST_F(init_from_checkpoint_test, describes_each_assignment) {
  vars_.get_variable("n/w", {6, 4}, {.partitioner = fixed_size_partitioner(2)});
  const auto resolved = init_from_checkpoint(vars_, model_.path(), {{"a/w", "n/w"}});
  EXPECT_EQ(to_string(resolved),
            "variable  part  device  tensor  slice    bytes\n"
            "n/w          0  cpu:0   a/w     0,3:0,4   48 B\n"
            "n/w          1  cpu:0   a/w     3,3:0,4   48 B\n");
  EXPECT_EQ(resolved.rows.at(1).variable, "n/w/part_1");
  const auto json = nlohmann::json::parse(to_json(resolved));
  EXPECT_EQ(json.at("checkpoint"), model_.path());
  EXPECT_EQ(json.at("assignments").at(1), nlohmann::json({{"variable", "n/w"},
                                                          {"part", 1},
                                                          {"device", "cpu:0"},
                                                          {"tensor", "a/w"},
                                                          {"slice", "3,3:0,4"},
                                                          {"bytes", 48}}));
}

TEST_F(init_from_checkpoint_test, takes_all_forms_of_a_map) {
  const auto w = vars_.get_variable("n/w", {6, 4});
  const auto copy = vars_.get_variable("copy", {6, 4});
  const auto emb = vars_.get_variable("emb", {10, 3}, {.partitioner = fixed_size_partitioner(4)});
  vars_.get_variable("n/b", {5}, {.type = dtype::int32});
  init_from_checkpoint(vars_, model_.path(), {{"a/", "n/"}});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}, {"a/w", copy}, {"a/b", "n/b"}});
  init_from_checkpoint(vars_, model_.path(), {{"emb", emb}});
  init_from_checkpoint(vars_, model_.path(), {{"emb", emb.parts()}});
  assignment_map by_names;
  by_names.add("emb", std::vector<std::string>{"emb/part_3", "emb/part_0"});
  init_from_checkpoint(vars_, model_.path(), by_names);
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(copy), counted<float>(24));
  EXPECT_EQ(values_of<float>(emb.parts()[3]), (std::vector<float>{24, 25, 26, 27, 28, 29}));
}

TEST_F(init_from_checkpoint_test, slices_take_their_boxes_of_a_transformed_tensor) {
  const std::vector<slice> boxes = {slice::parse("1,2:4,2"), slice::parse("3,1:-")};
  const auto v = vars_.get_variable("v", {4, 6}, {.slices = boxes});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "v", {.transpose = {1, 0}}}});
  const load_report report = run_initializers(vars_);
  EXPECT_EQ(values_of<float>(v.parts()[0]), (std::vector<float>{17, 21, 18, 22}));
  EXPECT_EQ(values_of<float>(v.parts()[1]), (std::vector<float>{3, 7, 11, 15, 19, 23}));
  EXPECT_EQ(report.rows.size(), 2U);
  const error wrong = error_of([&] {
    return init_from_checkpoint(vars_, model_.path(), {{"a/w", "v"}});
  });
  ASSERT_EQ(wrong.problems().size(), 1U);  // not one for each slice
  EXPECT_NE(std::string(wrong.what()).find("expected shape [4,6], found [6,4]"), std::string::npos);
}

TEST_F(init_from_checkpoint_test, the_only_slice_of_a_variable_takes_its_box) {
  const auto v = vars_.get_variable("v", {6, 4}, {.slices = {slice::parse("1,1:-")}});
  for (const assignment_target& target :
       {assignment_target(std::string("v")), assignment_target(v), assignment_target(v.parts()),
        assignment_target(v.parts()[0]), assignment_target(std::string("v/part_0"))}) {
    init_from_checkpoint(vars_, model_.path(), {{"a/w", target}});
    run_initializers(vars_);
    EXPECT_EQ(values_of<float>(v.parts()[0]), (std::vector<float>{4, 5, 6, 7}));
  }
}

TEST_F(init_from_checkpoint_test, takes_maps_of_the_standard_library_and_views_of_names) {
  const std::vector<std::string> names = {"a/w", "a/b", "table", "emb"};
  const auto make = [&] {
    variable_store vars("cpu:0");
    vars.get_variable("w", {6, 4});
    vars.get_variable("b", {5}, {.type = dtype::int32});
    vars.get_variable("emb", {10, 3}, {.partitioner = fixed_size_partitioner(2)});
    return vars;
  };
  const auto rows_of = [&](const assignment_map& map) {
    variable_store vars = make();
    return init_from_checkpoint(vars, model_.path(), map).rows.size();
  };
  EXPECT_EQ(rows_of(std::map<std::string, std::string>{{"a/w", "w"}, {"a/b", "b"}}), 2U);
  EXPECT_EQ(rows_of(std::unordered_map<std::string, const char*>{{"a/w", "w"}}), 1U);
  EXPECT_EQ(rows_of(std::vector<std::pair<std::string_view, std::string_view>>{{"a/w", "w"}}), 1U);
  variable_store vars = make();
  const std::vector<std::pair<std::string, variable>> by_variable = {{"a/w", *vars.find("w")}};
  EXPECT_EQ(init_from_checkpoint(vars, model_.path(), by_variable).rows.size(), 1U);
  const std::string_view name = "w";
  EXPECT_EQ(rows_of({{"a/w", name}, {std::string_view("a/b"), std::string("b")}}), 2U);
  EXPECT_EQ(rows_of({{"emb", {"emb/part_0", "emb/part_1"}}, {"a/w", "w"}}), 3U);
  EXPECT_EQ(rows_of({}), 0U);
}

TEST_F(init_from_checkpoint_test, mismatched_variables_may_keep_their_initializers) {
  const auto w = vars_.get_variable("n/w", {6, 4});
  const auto head = vars_.get_variable("n/b", {9}, {.initializer = ones()});
  const assignment_map map = {{"a/", "n/"}};
  EXPECT_EQ(error_of([&] { return init_from_checkpoint(vars_, model_.path(), map); }).code(),
            error_code::mismatch);
  const init_options keep = {.mismatched = init_options::mismatched_tensor::keep};
  const auto resolved = init_from_checkpoint(vars_, model_.path(), map, keep);
  ASSERT_EQ(resolved.kept.size(), 1U);
  EXPECT_EQ(resolved.kept[0].variable, "n/b");
  EXPECT_NE(resolved.kept[0].reason.find("expected shape [9], found [5]"), std::string::npos);
  EXPECT_NE(to_string(resolved).find("kept: n/b: variable n/b"), std::string::npos);
  const load_report report = run_initializers(vars_);
  ASSERT_EQ(report.kept.size(), 1U);
  EXPECT_EQ(report.kept[0].reason, resolved.kept[0].reason);
  EXPECT_EQ(values_of<float>(w), counted<float>(24));
  EXPECT_EQ(values_of<float>(head), std::vector<float>(9, 1));
  // An absent tensor is still refused.
  EXPECT_EQ(error_of([&] {
              return init_from_checkpoint(vars_, model_.path(), {{"none", "n/w"}}, keep);
            }).code(),
            error_code::not_found);
}

TEST_F(init_from_checkpoint_test, a_mismatch_is_described_for_programs) {
  vars_.get_variable("v", {9}, {.type = dtype::int64});
  const error refused = error_of([&] {
    return init_from_checkpoint(vars_, model_.path(), {{"a/b", "v"}});
  });
  const problem& bad = refused.problems().at(0);
  EXPECT_EQ(bad.variable, "v");
  EXPECT_EQ(bad.tensor, "a/b");
  EXPECT_EQ(bad.file, model_.path());
  EXPECT_LT(bad.offset_bytes, 0);
  EXPECT_EQ(bad.expected, "dtype int64; shape [9]");
  EXPECT_EQ(bad.found, "int32; [5]");
}

TEST_F(init_from_checkpoint_test, scopes_and_patterns_leave_out_what_is_excepted) {
  for (const char* name : {"x/w", "y/w", "head/w", "head/inner/w"}) {
    vars_.get_variable(name, {6, 4}, {.initializer = ones()});
  }
  vars_.get_variable("parts", {6, 4}, {.partitioner = fixed_size_partitioner(2)});
  const init_options options = {.except = {"head/", "head/w", "y/w", "parts/"}};
  const auto rows = [&](const assignment_map& map) {
    std::vector<std::string> names;
    for (const auto& one : init_from_checkpoint(vars_, model_.path(), map, options).rows) {
      names.push_back(one.variable);
    }
    return names;
  };
  EXPECT_EQ(rows({{"a/w", "{scope}/w"}}), std::vector<std::string>{"x/w"});
  EXPECT_EQ(rows({{"a/", "head/"}}), std::vector<std::string>());
  EXPECT_EQ(rows({{"a/w/", "parts/"}}), std::vector<std::string>()) << "a scope of its parts";
  EXPECT_EQ(rows({{"a/w", "y/w"}}), std::vector<std::string>{"y/w"}) << "named by itself";
  const error bad = error_of([&] {
    return init_from_checkpoint(vars_, model_.path(), {{"a/w", "x/w"}},
                                {.except = {"heads/", "y/v", "parts/part_0"}});
  });
  ASSERT_EQ(bad.problems().size(), 3U);
  EXPECT_EQ(bad.code(), error_code::not_found);
  EXPECT_NE(bad.problems()[0].message.find("heads/"), std::string::npos);
}

TEST_F(init_from_checkpoint_test, reads_no_data) {
  vars_.get_variable("w", {6, 4});
  const auto size = std::filesystem::file_size(model_.data_path());
  test::write_file(model_.data_path(), std::string(size, 'x'));  // nothing in it is right
  EXPECT_NO_THROW(init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}}));
  const error bad = error_of([&] { return run_initializers(vars_); });
  EXPECT_EQ(bad.code(), error_code::corrupt);
}

TEST_F(init_from_checkpoint_test, a_failed_call_changes_nothing) {
  const auto w = vars_.get_variable("w", {6, 4}, {.initializer = ones()});
  const auto b = vars_.get_variable("b", {5}, {.type = dtype::int32, .initializer = ones()});
  const error bad = error_of([&] {
    return init_from_checkpoint(vars_, model_.path(),
                                {{"a/w", w}, {"a/b", b}, {"nowhere", "w"}, {"a/b", "w"}});
  });
  EXPECT_EQ(bad.problems().size(), 2U);
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(w), std::vector<float>(24, 1));
  EXPECT_EQ(values_of<std::int32_t>(b), std::vector<std::int32_t>(5, 1));
}

TEST_F(init_from_checkpoint_test, later_calls_win_variable_by_variable) {
  const auto w = vars_.get_variable("w", {6, 4});
  const auto v = vars_.get_variable("v", {6, 4});
  const test::small_model other;
  other.write(100);
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}, {"a/w", "v"}});
  init_from_checkpoint(vars_, other.path(), {{"a/w", "v"}});
  const load_report report = run_initializers(vars_);
  EXPECT_EQ(values_of<float>(w)[0], 0.0F);
  EXPECT_EQ(values_of<float>(v)[0], 100.0F);
  for (const unused_tensor& one : report.unused) EXPECT_NE(one.tensor, "a/w");
  EXPECT_EQ(report.unused.size(), 8U);  // the other four of both
}

TEST_F(init_from_checkpoint_test, keeps_what_an_earlier_call_assigned) {
  const auto w = vars_.get_variable("n/w", {6, 4});
  const auto extra = vars_.get_variable("n/extra", {2}, {.initializer = constant(9)});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "n/w"}});
  const init_options keep = {.missing = init_options::missing_tensor::keep};
  const auto resolved = init_from_checkpoint(vars_, model_.path(), {{"/", "n/"}}, keep);
  ASSERT_EQ(resolved.kept.size(), 2U);
  EXPECT_EQ(resolved.kept[0].variable, "n/w");
  EXPECT_EQ(resolved.kept[1].variable, "n/extra");
  EXPECT_EQ(resolved.kept[1].checkpoint, model_.path());
  EXPECT_EQ(resolved.kept[1].reason, "");
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(w), counted<float>(24));
  EXPECT_EQ(values_of<float>(extra), std::vector<float>(2, 9));
}

TEST_F(init_from_checkpoint_test, a_variable_of_another_store_is_refused) {
  variable_store other{"cpu:0"};
  const auto foreign = other.get_variable("w", {6, 4});
  const error bad = error_of([&] {
    return init_from_checkpoint(vars_, model_.path(), {{"a/w", foreign}});
  });
  EXPECT_EQ(bad.code(), error_code::invalid_argument);
}

TEST_F(init_from_checkpoint_test, one_error_lists_mistakes_of_every_kind) {
  variable_store other{"cpu:0"};
  const auto foreign = other.get_variable("foreign", {6, 4});
  const auto parts = other.get_variable("parts", {4}, {.partitioner = fixed_size_partitioner(2)});
  vars_.get_variable("w", {6, 5});
  const error bad = error_of([&] {
    return init_from_checkpoint(
        vars_, model_.path(),
        {{"a/w", foreign}, {"emb", parts.parts()}, {"a/w", "w"}, {"nowhere", "w"}});
  });
  std::vector<std::string> variables;
  for (const problem& one : bad.problems()) variables.push_back(one.variable);
  EXPECT_EQ(variables, (std::vector<std::string>{"foreign", "parts/part_0", "w", "w"}));
}

TEST_F(init_from_checkpoint_test, names_are_escaped_in_messages) {
  test::bundle_writer writer;
  writer.tensor("t\x1b[31m", dtype::uint8, {1}, "x");
  writer.write(model_.directory() / "odd");
  vars_.get_variable("v\n", {1}, {.type = dtype::uint8});
  const auto resolved =
      init_from_checkpoint(vars_, model_.directory() / "odd", {{"t\x1b[31m", "v\n"}});
  EXPECT_EQ(to_string(resolved),
            "variable  part  device  tensor     slice  bytes\n"
            "v\\x0a           cpu:0   t\\x1b[31m  0,1      1 B\n");
  const std::string report = to_string(run_initializers(vars_));
  EXPECT_NE(report.find("v\\x0a     cpu:0   t\\x1b[31m"), std::string::npos) << report;
}

TEST_F(init_from_checkpoint_test, a_checkpoint_that_was_overwritten_is_opened_again) {
  const auto w = vars_.get_variable("w", {6, 4});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}});
  model_.write(50);
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}});
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(w)[1], 51.0F);
}

TEST_F(init_from_checkpoint_test, string_tensors_are_refused) {
  vars_.get_variable("names", {0});
  const error bad = error_of([&] {
    return init_from_checkpoint(vars_, model_.path(), {{"names", "names"}});
  });
  EXPECT_EQ(bad.code(), error_code::mismatch);
}

/// Makes variables of one scope, and then calls with one of them each.
class calls_for_each_variable : public init_from_checkpoint_test {
 protected:
  /// What the calls allocate.
  template <class Call>
  static std::int64_t bytes_of_calls(int count, Call call) {
    variable_store vars{"cpu:0"};
    std::vector<variable> made;
    for (int i = 0; i < count; ++i) {
      // In no order.
      made.push_back(vars.get_variable("model/layer_" + std::to_string(i * 7919 % count), {6, 4}));
    }
    const std::int64_t before = test::allocated_bytes();
    for (const variable& v : made) call(vars, v);
    const std::int64_t bytes = test::allocated_bytes() - before;
    EXPECT_GT(bytes, 0);
    EXPECT_EQ(make_plan(vars).devices.at(0).variables, count);
    return bytes;
  }

  // Twice as many calls with twice as many variables do twice as much.
  template <class Call>
  static void expect_linear(Call call) {
    const std::int64_t few = bytes_of_calls(500, call);
    const std::int64_t many = bytes_of_calls(1000, call);
    EXPECT_LT(static_cast<double>(many), 2.1 * static_cast<double>(few));
  }
};

TEST_F(calls_for_each_variable, are_linear_in_names) {
  expect_linear([&](variable_store& vars, const variable& v) {
    init_from_checkpoint(vars, model_.path(), {{"a/w", v.name()}});
  });
}

TEST_F(calls_for_each_variable, are_linear_in_handles) {
  expect_linear([&](variable_store& vars, const variable& v) {
    init_from_checkpoint(vars, model_.path(), {{"a/w", v}});
  });
}

// Made one after the other, as models are.
TEST_F(calls_for_each_variable, are_linear_between_the_variables) {
  const auto bytes_of = [&](int count) {
    variable_store vars{"cpu:0"};
    const std::int64_t before = test::allocated_bytes();
    for (int i = 0; i < count; ++i) {
      const std::string name = "layer_" + std::to_string(i * 7919 % count) + "/kernel";
      vars.get_variable(name, {6, 4});
      init_from_checkpoint(vars, model_.path(), {{"a/w", name}});
    }
    return test::allocated_bytes() - before;
  };
  EXPECT_LT(static_cast<double>(bytes_of(1000)), 2.1 * static_cast<double>(bytes_of(500)));
}

}  // namespace
}  // namespace warmstart::detail

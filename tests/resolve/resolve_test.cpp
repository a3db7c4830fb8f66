#include "resolve/resolve.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/catalog_builder.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;

const resolve_options KEEP = {.keep_missing = true};
const resolve_options ALLOW_EMPTY = {.allow_empty_scope = true};

/// Variables and a checkpoint; resolves a map into one line per assignment or problem.
class resolving {
 public:
  /// A variable; with parts: cut along dimension 0.
  resolving& variable(const std::string& name, const shape& of, int parts = 0,
                      dtype type = dtype::float32) {
    std::vector<slice> slices;
    for (int i = 0; i < parts; ++i) {
      std::vector<slice_extent> extents = slice::all_of(of).extents();
      extents[0] = {.start = of[0] / parts * i, .length = of[0] / parts};
      slices.emplace_back(std::move(extents));
    }
    rows_.variable(name, type, of, slices);
    return *this;
  }
  resolving& tensor(const std::string& name, const shape& of, dtype type = dtype::float32,
                    const std::vector<slice>& slices = {}) {
    tensors_.tensor(name, type, of, slices);
    return *this;
  }
  resolving& refused_tensor(const std::string& name, error_code code) {
    tensors_.tensor(name, dtype::float32, {1});
    tensors_.get().tensors.back().refusal = {.code = code, .reason = "is refused"};
    return *this;
  }

  /// Another name of a tensor, that others may have, too.
  resolving& alias(const std::string& name, const std::string& tensor, std::uint32_t rivals = 0) {
    aliases_.push_back({name, {tensor, rivals}});
    return *this;
  }
  resolving& names_missing(const std::string& why) {
    tensors_.get().missing_names_reason = why;
    return *this;
  }

  std::string operator()(std::vector<resolve_entry> entries, const resolve_options& options = {}) {
    catalog sorted = tensors_.get();
    sorted.path = "model.ckpt";
    std::sort(sorted.tensors.begin(), sorted.tensors.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const auto& [name, meant] : aliases_) {
      sorted.aliases.push_back({.name = name,
                                .tensor = sorted.index_of(*sorted.find(meant.first)),
                                .ambiguous_with = meant.second});
    }
    std::string text;
    try {
      const resolution found =
          resolve(test::index_of(rows_.get()), sorted, 5, std::move(entries), options);
      for (const assignment& one : found.assignments) {
        EXPECT_EQ(one.checkpoint, 5U);
        text += rows_.get()[one.row].name + " <- " + sorted.tensors[one.tensor].name + ' ' +
                to_string(one.wanted) + '\n';
      }
      for (const std::uint32_t row : found.kept) text += rows_.get()[row].name + " kept\n";
      for (const tensor_alias& one : found.ambiguous) {
        text += one.name + " is " + sorted.tensors[one.tensor].name + '\n';
      }
    } catch (const error& bad) {
      for (const problem& one : bad.problems()) {
        text += std::string(to_string(one.code)) + ": " + one.message + '\n';
      }
    }
    return text;
  }

 private:
  test::rows_builder rows_;
  test::catalog_builder tensors_;
  std::vector<std::pair<std::string, std::pair<std::string, std::uint32_t>>> aliases_;  ///< sorted
};

resolve_entry to(const std::string& tensor, const std::string& target) {
  return {.tensor = tensor, .target = target};
}
resolve_entry to_list(const std::string& tensor, const std::vector<std::string>& names) {
  return {.tensor = tensor, .target = names, .is_list = true};
}
resolve_entry to_rows(const std::string& tensor, const std::vector<std::uint32_t>& rows,
                      bool is_list) {
  return {.tensor = tensor, .target = rows, .is_list = is_list};
}

/// The checkpoint and the variables of specification B7.
resolving doc() {
  return resolving()
      .variable("new_scope_1/var1", {20, 2})
      .variable("new_scope_2/var2", {50, 4})
      .variable("new_scope_2/var3", {100, 100}, 5)
      .tensor("old_scope_1/var1", {20, 2})
      .tensor("old_scope_1/var2", {50, 4})
      .tensor("old_scope_2/var3", {100, 100});
}

const std::string VAR3_IN_PARTS =
    "new_scope_2/var3/part_0 <- old_scope_2/var3 0,20:0,100\n"
    "new_scope_2/var3/part_1 <- old_scope_2/var3 20,20:0,100\n"
    "new_scope_2/var3/part_2 <- old_scope_2/var3 40,20:0,100\n"
    "new_scope_2/var3/part_3 <- old_scope_2/var3 60,20:0,100\n"
    "new_scope_2/var3/part_4 <- old_scope_2/var3 80,20:0,100\n";

TEST(five_forms, name_to_name) {
  EXPECT_EQ(doc()({to("old_scope_1/var1", "new_scope_1/var1")}),
            "new_scope_1/var1 <- old_scope_1/var1 0,20:0,2\n");
  EXPECT_EQ(doc()({to("old_scope_2/var3", "new_scope_2/var3")}), VAR3_IN_PARTS);
}

TEST(five_forms, scope_to_scope) {
  EXPECT_EQ(doc()({to("old_scope_1/", "new_scope_1/")}),
            "new_scope_1/var1 <- old_scope_1/var1 0,20:0,2\n");
}

TEST(five_forms, to_a_variable_object) {
  EXPECT_EQ(doc()({to_rows("old_scope_1/var2", {1}, false)}),
            "new_scope_2/var2 <- old_scope_1/var2 0,50:0,4\n");
  EXPECT_EQ(doc()({to_rows("old_scope_2/var3", {2, 3, 4, 5, 6}, false)}), VAR3_IN_PARTS);
}

TEST(five_forms, to_a_list_of_parts) {
  EXPECT_EQ(doc()({to_rows("old_scope_2/var3", {2, 3, 4, 5, 6}, true)}), VAR3_IN_PARTS);
  EXPECT_EQ(
      doc()({to_list("old_scope_2/var3", {"new_scope_2/var3/part_4", "new_scope_2/var3/part_1"})}),
      "new_scope_2/var3/part_1 <- old_scope_2/var3 20,20:0,100\n"
      "new_scope_2/var3/part_4 <- old_scope_2/var3 80,20:0,100\n");
}

TEST(five_forms, one_tensor_to_many_variables) {
  EXPECT_EQ(resolving().variable("a", {2}).variable("b", {2}).tensor(
                "t", {2})({to("t", "a"), to("t", "b")}),
            "a <- t 0,2\nb <- t 0,2\n");
}

/// Names for the table of specification B7.
resolving b7_store() {
  return resolving()
      .variable("a/b/v", {1})
      .variable("a/c", {1})
      .variable("emb", {4}, 2)
      .variable("s/v", {1})
      .variable("use/x", {1})
      .variable("use_1/x", {1})
      .variable("w/Adam/", {1})
      .tensor("old/b/v", {1})
      .tensor("old/v", {1})
      .tensor("old/a/b/v", {1})
      .tensor("old/c", {1})
      .tensor("old_emb", {4})
      .tensor("use/x", {1})
      .tensor("v", {1})
      .tensor("x", {1})
      .tensor("x/Adam", {1});
}

void expect_lines(const std::string& text, const std::vector<std::string>& expected) {
  std::size_t at = 0;
  for (const std::string& line : expected) {
    EXPECT_EQ(text.compare(at, line.size(), line), 0) << text << "instead of\n" << line;
    at = text.find('\n', at);
    if (at == std::string::npos) return;
    ++at;
  }
  EXPECT_EQ(at, text.size()) << text;
}

TEST(b7, scope_without_slash_on_the_variable_side_means_the_scope) {
  EXPECT_EQ(doc()({to("old_scope_1/", "new_scope_1")}),
            "new_scope_1/var1 <- old_scope_1/var1 0,20:0,2\n");
}

TEST(b7, nested_scope_without_slash_means_all_of_it) {
  expect_lines(b7_store()({to("old/", "a/b")}), {"a/b/v <- old/v"});
  expect_lines(b7_store()({to("old/", "a/b/")}), {"a/b/v <- old/v"});
}

TEST(b7, root_to_root_and_scopes_to_and_from_the_root) {
  resolving small;
  small.variable("s/v", {1}).variable("v", {1}).tensor("s/v", {1}).tensor("v", {1});
  expect_lines(small({to("/", "/")}), {"s/v <- s/v", "v <- v"});
  expect_lines(small({to("/", "")}), {"s/v <- s/v", "v <- v"});
  expect_lines(small({to("/", "s/")}), {"s/v <- v"});
  expect_lines(small({to("/", "s")}), {"s/v <- v"});
  resolving old;
  old.variable("a/c", {1}).variable("v", {1}).tensor("old/a/c", {1}).tensor("old/v", {1});
  expect_lines(old({to("old/", "/")}), {"a/c <- old/a/c", "v <- old/v"});
}

TEST(b7, tensor_scope_without_slash_is_refused) {
  expect_lines(b7_store()({to("old", "s/")}),
               {"invalid_argument: 's/' is a scope, so its tensor must be a scope too: 'old/'"});
  expect_lines(b7_store()({to("", "s/")}), {"invalid_argument: 's/' is a scope"});
}

TEST(b7, a_name_of_no_variable_is_refused) {
  expect_lines(b7_store()({to("old/v", "s/y")}), {"not_found: there is no variable s/y"});
}

TEST(b7, suffix_colon_zero_is_dropped_on_both_sides) {
  expect_lines(b7_store()({to("x:0", "s/v:0")}), {"s/v <- x"});
  expect_lines(b7_store()({to("old_emb:0", "emb:0")}), {"emb/part_0 <- ", "emb/part_1 <- "});
  expect_lines(b7_store()({to("x", "s/v_1:0")}), {"not_found: there is no variable s/v_1:0"});
  resolving literal;
  literal.variable("v", {1}).tensor("x", {1}).tensor("x:0", {1});
  expect_lines(literal({to("x:0", "v")}), {"v <- x:0"});
}

TEST(b7, tensor_scope_to_a_variable_names_an_absent_tensor) {
  expect_lines(b7_store()({to("old/", "s/v")}), {"not_found: tensor old/ is not found"});
  expect_lines(b7_store()({to("old_emb/", "emb")}), {"not_found: tensor old_emb/ is not found"});
}

TEST(b7, a_scope_that_matches_nothing_is_an_error_unless_allowed) {
  expect_lines(b7_store()({to("old/", "nothing_here/")}),
               {"not_found: there is no variable in scope nothing_here/"});
  for (const char* odd : {"nothing_here/", "/s/", "s//"}) {
    EXPECT_EQ(b7_store()({to("old/", odd)}, ALLOW_EMPTY), "");
    expect_lines(b7_store()({to("old/", odd)}), {"not_found: there is no variable in scope"});
  }
}

TEST(b7, two_slashes_do_not_mean_the_root) {
  expect_lines(b7_store()({to("//", "s/")}), {"not_found: tensor //v for variable s/v"});
}

TEST(b7, a_scope_does_not_capture_names_with_a_longer_one) {
  expect_lines(b7_store()({to("use/", "use/")}), {"use/x <- use/x"});
}

TEST(b7, a_partitioned_variable_lies_in_the_scope_of_its_name) {
  expect_lines(b7_store()({to("old_emb/", "emb/")}),
               {"emb/part_0 <- old_emb 0,2", "emb/part_1 <- old_emb 2,2"});
}

TEST(b7, only_real_partitions_are_folded) {
  resolving odd;
  odd.variable("m/part_of_speech/emb", {1}).variable("m", {1}).variable("n/part_0", {1});
  odd.tensor("m", {1}).tensor("m/part_of_speech/emb", {1}).tensor("n/part_0", {1});
  odd.tensor("old/part_of_speech/emb", {1});
  expect_lines(odd({to("/", "/")}),
               {"m/part_of_speech/emb <- m/part_of_speech/emb", "m <- m", "n/part_0 <- n/part_0"});
  expect_lines(odd({to("old/", "m/")}), {"m/part_of_speech/emb <- old/part_of_speech/emb"});
}

TEST(b7, an_empty_list_only_checks_the_tensor) {
  EXPECT_EQ(b7_store()({to_list("x", {})}), "");
  EXPECT_EQ(b7_store()({to_rows("x", {}, true)}), "");
  expect_lines(b7_store()({to_list("nowhere", {})}), {"not_found: tensor nowhere"});
}

TEST(b7, one_part_alone_counts_as_not_partitioned) {
  expect_lines(b7_store()({to("old_emb", "emb/part_0")}),
               {"mismatch: variable emb/part_0 cannot take tensor old_emb of model.ckpt: "
                "expected shape [2], found [4]"});
  expect_lines(b7_store()({to_rows("old_emb", {2}, false)}), {"mismatch: variable emb/part_0"});
  resolving store = b7_store();
  store.tensor("half", {2});
  expect_lines(store({to("half", "emb/part_1")}), {"emb/part_1 <- half 0,2"});
}

TEST(b7, a_list_of_one_part_restores_its_own_slice) {
  expect_lines(b7_store()({to_list("old_emb", {"emb/part_1"})}), {"emb/part_1 <- old_emb 2,2"});
}

TEST(b7, a_list_must_name_parts_of_one_variable) {
  expect_lines(b7_store()({to_list("x", {"s/v", "use/x"})}),
               {"invalid_argument: the parts in a list must belong to one variable: "
                "found parts of s/v and use/x"});
  expect_lines(b7_store()({to_list("x", {"s/v"})}), {"s/v <- x"});
  expect_lines(b7_store()({to_list("x", {"s/v", "nowhere", "neither"})}),
               {"not_found: there is no variable or part nowhere",
                "not_found: there is no variable or part neither"});
}

TEST(slots, optimizer_slots_have_names_that_end_with_a_slash) {
  expect_lines(b7_store()({to("x/Adam", "w/Adam/")}), {"w/Adam/ <- x/Adam"});
  expect_lines(b7_store()({to("x/", "w/")}), {"w/Adam/ <- x/Adam"});
}

TEST(order, later_entries_in_the_order_of_tensors_win) {
  resolving store;
  store.variable("v", {1}).tensor("a/x", {1}).tensor("b/x", {1});
  expect_lines(store({to("b/x", "v"), to("a/x", "v")}), {"v <- b/x"});
  store.variable("s/x", {1});
  expect_lines(store({to("b/x", "s/x"), to("a/", "s/")}), {"s/x <- b/x"});
}

TEST(order, equal_tensors_keep_the_order_of_the_list) {
  resolving store;
  store.variable("emb", {2}, 1).tensor("t", {2});
  expect_lines(store({to("t", "emb"), to_list("t", {"emb/part_0"})}), {"emb/part_0 <- t 0,2"});
}

TEST(b6, E1_an_absent_tensor_is_refused) {
  EXPECT_EQ(doc()({to("old_scope_1/vra1", "new_scope_1/var1")}),
            "not_found: tensor old_scope_1/vra1 is not found in model.ckpt; did you mean "
            "old_scope_1/var1 or old_scope_1/var2?\n");
}

TEST(b6, E2_shapes_of_all_parts_are_checked) {
  resolving store;
  store.variable("v", {20, 3}).variable("p", {90, 100}, 3).variable("s/r", {40});
  store.tensor("t", {20, 2}).tensor("q", {100, 100}).tensor("r", {20, 2});
  expect_lines(store({to("t", "v"), to("q", "p"), to("/", "s/")}),
               {"mismatch: variable s/r cannot take tensor r of model.ckpt: expected shape [40], "
                "found [20,2]",
                "mismatch: variable p cannot take tensor q of model.ckpt: expected shape "
                "[90,100], found [100,100]",
                "mismatch: variable v cannot take tensor t"});
}

TEST(b6, E3_a_misspelt_name_gets_the_nearest_as_a_suggestion) {
  EXPECT_EQ(doc()({to("old_scope_1/var1", "new_scope_1/vra1")}),
            "not_found: there is no variable new_scope_1/vra1; did you mean new_scope_1/var1?\n");
  EXPECT_EQ(doc()({to("old_scope_1/", "new_scoop_1/")}),
            "not_found: there is no variable in scope new_scoop_1/; did you mean new_scope_1/ or "
            "new_scope_2/?\n");
}

TEST(b6, E3_a_suggestion_may_share_only_a_prefix) {
  EXPECT_EQ(doc()({to("old_scope_1/", "new_scop/")}),
            "not_found: there is no variable in scope new_scop/; did you mean new_scope_1/ or "
            "new_scope_2/?\n");
  EXPECT_EQ(doc()({to("old_scope_1/", "decoder/")}),
            "not_found: there is no variable in scope decoder/; there are new_scope_1/ and "
            "new_scope_2/\n");
}

TEST(b6, E3_only_the_first_messages_have_suggestions) {
  std::vector<resolve_entry> entries(30, to("old_scope_1/var1", "new_scope_1/vra1"));
  const std::string text = doc()(entries);
  std::size_t suggestions = 0;
  for (std::size_t at = 0; (at = text.find("did you mean", at)) != std::string::npos; ++at) {
    ++suggestions;
  }
  EXPECT_EQ(suggestions, 20U);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 30);
}

TEST(b6, E4_an_absent_member_of_a_scope_is_refused) {
  resolving store;
  store.variable("n/var1", {20, 2}).variable("n/extra", {3}).tensor("o/var1", {20, 2});
  expect_lines(store({to("o/", "n/")}),
               {"not_found: tensor o/extra for variable n/extra is not found in model.ckpt"});
}

TEST(b6, E5_parts_of_different_variables_are_refused) {
  resolving store;
  store.variable("a", {8}, 2).variable("b", {8}, 2).tensor("t", {8});
  expect_lines(store({to_list("t", {"a/part_0", "b/part_1"})}), {"invalid_argument: the parts"});
}

TEST(dtypes, must_agree_unless_cast) {
  resolving store;
  store.variable("v", {2}, 0, dtype::bfloat16).variable("c", {2}, 0, dtype::complex64);
  store.tensor("t", {2});
  EXPECT_EQ(store({to("t", "v")}),
            "mismatch: variable v cannot take tensor t of model.ckpt: expected dtype bfloat16, "
            "found float32 (use the option 'cast' to convert it)\n");
  expect_lines(store({to("t", "v")}, {.cast = true}), {"v <- t"});
  EXPECT_EQ(store({to("t", "c")}, {.cast = true}),
            "mismatch: variable c cannot take tensor t of model.ckpt: expected dtype complex64, "
            "found float32, which cannot be converted\n");
}

TEST(refusals, of_the_reader_are_passed_on) {
  resolving store;
  store.variable("v", {1}).refused_tensor("t", error_code::corrupt);
  EXPECT_EQ(store({to("t", "v")}),
            "corrupt: variable v cannot take tensor t of model.ckpt: is refused\n");
}

TEST(coverage, wanted_elements_must_be_stored) {
  resolving store;
  store.variable("whole", {10}).variable("halves", {10}, 2);
  store.tensor("t", {10}, dtype::float32, {box_of({{0, 5}}), box_of({{7, 3}})});
  EXPECT_EQ(store({to("t", "whole")}),
            "mismatch: variable whole cannot take tensor t of model.ckpt: its stored slices do "
            "not cover 0,10: 2 elements are missing\n");
  expect_lines(store({to_list("t", {"halves/part_0"})}), {"halves/part_0 <- t 0,5"});
  expect_lines(store({to("t", "halves")}), {"mismatch: variable halves"});
}

TEST(all_mistakes, one_error_lists_one_problem_per_entry_and_variable) {
  resolving store;
  store.variable("a", {20, 3}).variable("b", {50, 4}, 0, dtype::int32).variable("c", {3});
  store.tensor("t1", {20, 2}).tensor("t2", {50, 4}).tensor("t4", {1});
  expect_lines(store({to("t1", "a"), to("t2", "b"), to("t3", "c"), to("t4", "e")}),
               {"mismatch: variable a", "mismatch: variable b", "not_found: tensor t3",
                "not_found: there is no variable e"});
}

TEST(keep, variables_whose_tensor_is_absent_are_kept) {
  resolving store;
  store.variable("n/v", {1}).variable("n/extra", {1}).variable("p", {4}, 2).tensor("o/v", {1});
  expect_lines(store({to("o/", "n/"), to("nowhere", "p")}, KEEP),
               {"n/v <- o/v", "n/extra kept", "p/part_0 kept", "p/part_1 kept"});
}

TEST(keep, other_mistakes_are_still_refused) {
  resolving store;
  store.variable("n/v", {1}).tensor("o/v", {1});
  expect_lines(store({to("none/", "n/")}, KEEP),
               {"not_found: tensor none/v for variable n/v is not found"});
  expect_lines(store({to("o/v", "n/w")}, KEEP), {"not_found: there is no variable n/w"});
  expect_lines(store({to("o/", "m/")}, KEEP), {"not_found: there is no variable in scope m/"});
}

TEST(other_names, lead_to_a_tensor_in_names_and_scopes) {
  resolving store;
  store.variable("v", {1}).variable("e/w", {4}, 2).variable("e/b", {2});
  store.tensor("key/w", {4}).tensor("key/b", {2}).tensor("key/v", {1});
  store.alias("dense/b", "key/b").alias("dense/w", "key/w").alias("full", "key/v");
  expect_lines(
      store({to("full:0", "v"), to("dense/", "e/")}),
      {"v <- key/v 0,1", "e/w/part_0 <- key/w 0,2", "e/w/part_1 <- key/w 2,2", "e/b <- key/b 0,2"});
  expect_lines(store({to("dense/", "e/")}, KEEP),
               {"e/w/part_0 <- key/w", "e/w/part_1 <- key/w", "e/b <- key/b"});
}

TEST(other_names, absent_members_of_an_alias_scope_may_be_kept) {
  resolving store;
  store.variable("e/w", {4}).variable("e/extra", {1}).tensor("key", {4}).alias("dense/w", "key");
  expect_lines(store({to("dense/", "e/")}, KEEP), {"e/w <- key", "e/extra kept"});
}

TEST(other_names, are_suggested) {
  resolving store;
  store.variable("v", {1}).tensor("model/w/.ATTRIBUTES/VARIABLE_VALUE", {1});
  store.alias("dense/kernel", "model/w/.ATTRIBUTES/VARIABLE_VALUE");
  EXPECT_EQ(store({to("dense/kernle", "v")}),
            "not_found: tensor dense/kernle is not found in model.ckpt; did you mean "
            "dense/kernel?\n");
}

TEST(other_names, unreadable_aliases_are_mentioned) {
  resolving store;
  store.variable("v", {1}).tensor("key", {1}).names_missing("data: no such file");
  EXPECT_EQ(store({to("dense/kernel", "v")}),
            "not_found: tensor dense/kernel is not found in model.ckpt; there is only key (names "
            "of variables are not known: data: no such file)\n");
}

TEST(other_names, an_alias_of_several_tensors_is_reported) {
  resolving store;
  store.variable("v", {1}).variable("w", {1}).variable("x", {3}).tensor("a", {1}).tensor("b", {1});
  store.alias("kernel", "b", 2);
  expect_lines(store({to("kernel", "v"), to("kernel", "w")}), {"v <- b", "w <- b", "kernel is b"});
  EXPECT_EQ(store({to("kernel", "x")}),
            "mismatch: variable x cannot take tensor b of model.ckpt: expected shape [3], found "
            "[1]; 2 other tensors have the name kernel; use the key of the one you mean\n");
}

TEST(replicas, get_what_their_variable_gets) {
  std::vector<variable_info> rows;
  for (std::uint32_t replica = 0; replica < 2; ++replica) {
    rows.push_back({.name = "v",
                    .full_name = "v",
                    .replica = replica,
                    .type = dtype::float32,
                    .full_shape = {2},
                    .slice = slice::all_of({2})});
  }
  test::catalog_builder tensors;
  tensors.tensor("t", dtype::float32, {2});
  EXPECT_EQ(resolve(test::index_of(rows), tensors.get(), 0, {to("t", "v")}, {}).assignments.size(),
            2U);
}

/// Blocks of two encoders, and variables of another layout.
resolving blocks() {
  return resolving()
      .variable("blocks/0/w", {8, 6})
      .variable("blocks/1/w", {8, 6}, 2)
      .variable("blocks/1/b", {8})
      .tensor("encoder/layer_0/kernel", {6, 8})
      .tensor("encoder/layer_1/kernel", {6, 8})
      .tensor("encoder/layer_1/bias", {8})
      .tensor("a/b/0/w", {8, 6})
      .tensor("a/b/1/b", {8});
}

resolve_entry transposed(const std::string& tensor, const std::string& target) {
  return {.tensor = tensor, .target = target, .steps = {.order = {1, 0}}};
}

TEST(patterns, variables_that_match_take_the_tensors_with_the_same_words) {
  EXPECT_EQ(blocks()({transposed("encoder/layer_{n}/kernel", "blocks/{n}/w"),
                      to("encoder/layer_{n}/bias", "blocks/{n}/b")}),
            "blocks/0/w <- encoder/layer_0/kernel 0,8:0,6\n"
            "blocks/1/w/part_0 <- encoder/layer_1/kernel 0,4:0,6\n"
            "blocks/1/w/part_1 <- encoder/layer_1/kernel 4,4:0,6\n"
            "blocks/1/b <- encoder/layer_1/bias 0,8\n");
}

TEST(patterns, a_scope_pattern_takes_the_whole_scope) {
  EXPECT_EQ(blocks()({to("a/b/{n}/", "blocks/{n}/")}, KEEP),
            "blocks/0/w <- a/b/0/w 0,8:0,6\n"
            "blocks/1/b <- a/b/1/b 0,8\n"
            "blocks/1/w/part_0 kept\n"
            "blocks/1/w/part_1 kept\n");
  EXPECT_EQ(blocks()({to("a/b/{n}/", "blocks/{n}")}),
            "not_found: tensor a/b/1/w for variable blocks/1/w is not found in model.ckpt; did you "
            "mean a/b/0/w or a/b/1/b?\n");
}

TEST(patterns, each_variable_needs_its_tensor) {
  EXPECT_EQ(blocks()({to("decoder/{n}", "blocks/{n}/b")}, KEEP),
            "not_found: tensor decoder/1 for variable blocks/1/b is not found in model.ckpt; there "
            "are a/b/0/w, a/b/1/b, encoder/layer_0/kernel and 2 more\n");
  EXPECT_EQ(blocks()({to("decoder/{n}", "blocks/{n}/x")}),
            "not_found: there is no variable that matches blocks/{n}/x\n");
  EXPECT_EQ(blocks()({to("decoder/{n}", "blocks/{n}/x")}, ALLOW_EMPTY), "");
}

TEST(patterns, words_of_the_tensor_come_from_the_variable) {
  EXPECT_EQ(blocks()({to("encoder/layer_{m}/bias", "blocks/{n}/b")}),
            "invalid_argument: {m} in encoder/layer_{m}/bias has no value: blocks/{n}/b "
            "has no such placeholder\n");
  // One tensor for all.
  EXPECT_EQ(blocks()({to("encoder/layer_1/bias", "blocks/{n}/b")}),
            "blocks/1/b <- encoder/layer_1/bias 0,8\n");
}

TEST(patterns, literal_names_take_precedence) {
  EXPECT_EQ(resolving()
                .variable("{n}", {2})
                .variable("x", {2})
                .tensor("t_{n}", {2})({to("t_{n}", "{n}")}),
            "{n} <- t_{n} 0,2\n");
  EXPECT_EQ(resolving()
                .variable("v_0", {2})
                .tensor("t_{n}", {2})
                .tensor("t_0", {2})({to("t_{n}", "v_{n}")}),
            "v_0 <- t_{n} 0,2\n");
}

TEST(patterns, of_several_matches_the_one_with_a_tensor_is_used) {
  resolving store;
  store.variable("x_y_z", {2}).tensor("x_y/z", {2});
  EXPECT_EQ(store({to("{a}/{b}", "{a}_{b}")}), "x_y_z <- x_y/z 0,2\n");
  store.tensor("x/y_z", {2});
  EXPECT_EQ(store({to("{a}/{b}", "{a}_{b}")}),
            "invalid_argument: variable x_y_z matches {a}_{b} in more than one way, so its tensor "
            "is ambiguous\n");
}

TEST(entry_steps, shapes_are_compared_after_the_steps) {
  EXPECT_EQ(blocks()({to("encoder/layer_0/kernel", "blocks/0/w")}),
            "mismatch: variable blocks/0/w cannot take tensor encoder/layer_0/kernel of "
            "model.ckpt: expected shape [8,6], found [6,8] (use the entry's 'transpose' to swap "
            "dimensions)\n");
  EXPECT_EQ(blocks()({transposed("a/b/0/w", "blocks/0/w")}),
            "mismatch: variable blocks/0/w cannot take tensor a/b/0/w of model.ckpt: expected "
            "shape [8,6], found [6,8] (use the entry's 'transpose' to swap dimensions)\n");
  EXPECT_EQ(blocks()({transposed("encoder/layer_1/bias", "blocks/1/b")}),
            "mismatch: variable blocks/1/b cannot take tensor encoder/layer_1/bias of "
            "model.ckpt: transpose [1,0] does not fit shape [8]\n");
}

TEST(entry_steps, a_single_named_part_takes_the_whole_result) {
  EXPECT_EQ(blocks()({{.tensor = "encoder/layer_1/kernel",
                       .target = "blocks/1/w/part_1",
                       .steps = {.part = {{0, 6}, {2, 4}}, .order = {1, 0}}}}),
            "blocks/1/w/part_1 <- encoder/layer_1/kernel 0,4:0,6\n");
}

TEST(entry_steps, only_elements_that_the_steps_take_must_be_stored) {
  resolving store;
  store.variable("v", {2, 3})
      .tensor("t", {3, 4}, dtype::float32, {box_of({{0, 3}, {0, 2}})});  // two columns are not
  const auto take = [](std::int64_t first) {
    return resolve_entry{
        .tensor = "t", .target = "v", .steps = {.part = {{0, 3}, {first, 2}}, .order = {1, 0}}};
  };
  EXPECT_EQ(store({take(0)}), "v <- t 0,2:0,3\n");
  EXPECT_EQ(store({take(1)}),
            "mismatch: variable v cannot take tensor t of model.ckpt: its stored slices do not "
            "cover 0,2:0,3 of the transformed tensor: 3 elements are missing\n");
}

TEST(entry_steps, a_remap_may_be_shorter_than_the_variable_and_not_longer) {
  resolving store;
  store.variable("v", {4, 2}).tensor("t", {3, 2});
  const auto remapped = [](const std::vector<std::int64_t>& indices) {
    return resolve_entry{.tensor = "t",
                         .target = "v",
                         .steps = {.remaps = {std::make_shared<const index_remap>(indices)}}};
  };
  EXPECT_EQ(store({remapped({2, -1})}), "v <- t 0,4:0,2\n");
  EXPECT_EQ(store({remapped({0, 0, 0, 0, 0})}),
            "mismatch: variable v cannot take tensor t of model.ckpt: expected shape [4,2], found "
            "[5,2]\n");
}

TEST(entry_steps, an_entry_overrides_the_cast_option) {
  resolving store;
  store.variable("v", {2}).tensor("t", {2}, dtype::float64);
  resolve_entry entry = to("t", "v");
  entry.cast = true;
  EXPECT_EQ(store({entry}), "v <- t 0,2\n");
  entry.cast = false;
  EXPECT_EQ(store({entry}, {.cast = true}),
            "mismatch: variable v cannot take tensor t of model.ckpt: expected dtype float32, "
            "found float64 (use the option 'cast' to convert it)\n");
}

TEST(lists, that_name_a_part_twice_are_refused) {
  EXPECT_EQ(
      doc()({to_list("old_scope_2/var3", {"new_scope_2/var3/part_1", "new_scope_2/var3/part_1"})}),
      "invalid_argument: new_scope_2/var3/part_1 occurs twice in the list of parts for tensor "
      "old_scope_2/var3\n");
}

TEST(hints, say_how_scopes_are_written) {
  EXPECT_EQ(doc()({to("old_scope_1", "new_scope_1")}),
            "not_found: there is no variable new_scope_1, but a scope: map 'old_scope_1/' "
            "to 'new_scope_1/' for all of its variables\n");
}

TEST(hints, say_which_transform_would_fit) {
  const auto message = [](const shape& variable, const shape& tensor) {
    return resolving().variable("v", variable).tensor("t", tensor)({to("t", "v")});
  };
  EXPECT_NE(message({4, 50}, {50, 4}).find("'transpose' to swap dimensions"), std::string::npos);
  EXPECT_NE(message({200}, {50, 4}).find("use the entry's 'reshape'"), std::string::npos);
  EXPECT_EQ(message({201}, {50, 4}).find('\''), std::string::npos);
}

}  // namespace
}  // namespace warmstart::detail

#include "cli/map_proposal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/name_words.hpp"

namespace warmstart::detail::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

tensor_info tensor(const std::string& name, const shape& of, dtype type = dtype::float32) {
  return {.name = name, .type = type, .full_shape = of};
}
map_target target(const std::string& name, const shape& of, dtype type = dtype::float32) {
  return {.name = name, .type = type, .shape = of};
}

/// `tensor -> target`, with `T` for transposed and `C` for cast.
std::vector<std::string> entries_of(const map_proposal& proposal) {
  std::vector<std::string> entries;
  for (const proposed_entry& one : proposal.entries) {
    entries.push_back(one.tensor + " -> " + one.target + (one.transposed ? " T" : "") +
                      (one.cast ? " C" : ""));
  }
  return entries;
}

TEST(name_words, parts_numbers_and_common_words) {
  EXPECT_THAT(name_words("bert/Encoder/layer_03/kernel:0").words,
              ElementsAre("bert", "encoder", "layer", "3", "weight"));
  EXPECT_THAT(name_words("encoder.layer.0.norm1.gamma").numbers, ElementsAre("0", "1"));
  EXPECT_THAT(name_words("m/w/.ATTRIBUTES/VARIABLE_VALUE").words, ElementsAre("m", "w"));
  EXPECT_THAT(name_words("//").words, IsEmpty());
}

TEST(name_words, likeness_counts_words_in_the_same_order) {
  const auto of = [](const char* a, const char* b) {
    return likeness(name_words(a), name_words(b));
  };
  EXPECT_EQ(of("a/b/kernel", "a.b.weight"), 1);
  EXPECT_EQ(of("a/b", "b/a"), 0.5);
  EXPECT_EQ(of("a/b", "c"), 0);
  EXPECT_EQ(of("", ""), 0);
}

TEST(propose_map, the_same_names_go_first_whatever_the_separator) {
  const std::vector<tensor_info> tensors = {tensor("a.w", {2}), tensor("a.w.m", {2}),
                                            tensor("b/w", {2})};
  const std::vector<map_target> targets = {target("a/w:0", {2}), target("b/w", {2})};
  const map_proposal proposal = propose_map(tensors, targets);
  EXPECT_THAT(entries_of(proposal), ElementsAre("a.w -> a/w:0", "b/w -> b/w"));
  EXPECT_THAT(proposal.unused, ElementsAre("a.w.m"));
}

TEST(propose_map, layers_keep_their_numbers_and_weights_are_transposed) {
  std::vector<tensor_info> tensors;
  std::vector<map_target> targets;
  for (const std::string n : {"0", "1", "11"}) {
    tensors.push_back(tensor("encoder.layer." + n + ".attention.self.query.weight", {8, 4}));
    tensors.push_back(tensor("encoder.layer." + n + ".attention.self.query.bias", {8}));
    tensors.push_back(tensor("encoder.layer." + n + ".attention.self.key.bias", {8}));
    targets.push_back(target("bert/encoder/layer_" + n + "/attention/self/query/kernel", {4, 8}));
    targets.push_back(target("bert/encoder/layer_" + n + "/attention/self/query/bias", {8}));
    targets.push_back(
        target("bert/encoder/layer_" + n + "/attention/self/key/bias", {8}, dtype::float16));
  }
  const map_proposal proposal = propose_map(tensors, targets);
  const std::string from = "encoder.layer.11.attention.self.";
  const std::string to = "bert/encoder/layer_11/attention/self/";
  const auto entries = entries_of(proposal);
  ASSERT_EQ(entries.size(), 9U);
  EXPECT_EQ(entries[6], from + "query.weight -> " + to + "query/kernel T");
  EXPECT_EQ(entries[7], from + "query.bias -> " + to + "query/bias");
  EXPECT_EQ(entries[8], from + "key.bias -> " + to + "key/bias C");
  EXPECT_THAT(proposal.questions, IsEmpty());
  EXPECT_THAT(proposal.unused, IsEmpty());
}

TEST(propose_map, a_tie_is_a_question) {
  const std::vector<tensor_info> tensors = {tensor("net.q.bias", {8}), tensor("net.k.bias", {8})};
  const std::vector<map_target> targets = {target("model/bias", {8}), target("alone", {3})};
  const map_proposal proposal = propose_map(tensors, targets);
  EXPECT_THAT(proposal.entries, IsEmpty());
  ASSERT_EQ(proposal.questions.size(), 1U);
  EXPECT_EQ(proposal.questions[0].target, "model/bias");
  EXPECT_THAT(proposal.questions[0].tensors, ElementsAre("net.q.bias", "net.k.bias"));
  EXPECT_THAT(proposal.unmatched, ElementsAre("alone"));
}

TEST(propose_map, a_tensor_that_two_variables_want_is_a_question_for_both) {
  const std::vector<tensor_info> tensors = {tensor("net/w", {8})};
  const std::vector<map_target> targets = {target("encoder/w", {8}), target("average/w", {8})};
  const map_proposal proposal = propose_map(tensors, targets);
  EXPECT_THAT(proposal.entries, IsEmpty());
  EXPECT_EQ(proposal.questions.size(), 2U);
}

TEST(propose_map, an_equal_shape_alone_is_a_question) {
  const map_proposal proposal = propose_map(std::vector{tensor("head.scale", {7})},
                                            std::vector{target("encoder/offset", {7})});
  EXPECT_THAT(proposal.entries, IsEmpty());
  ASSERT_EQ(proposal.questions.size(), 1U);
  EXPECT_EQ(proposal.questions[0].reason, "its shape, but few words of its name");
}

TEST(propose_map, a_name_with_another_shape_is_a_question) {
  const map_proposal proposal =
      propose_map(std::vector{tensor("emb", {10, 4})}, std::vector{target("emb", {12, 4})});
  ASSERT_EQ(proposal.questions.size(), 1U);
  EXPECT_EQ(proposal.questions[0].reason, "its name, but the shape [10,4] instead of [12,4]");
}

TEST(propose_map, squares_follow_others_of_their_kind_and_are_doubted) {
  const std::vector<tensor_info> tensors = {tensor("a.weight", {3, 2}), tensor("b.weight", {2, 2}),
                                            tensor("t.w", {2, 2})};
  const std::vector<map_target> targets = {target("a/kernel", {2, 3}), target("b/kernel", {2, 2}),
                                           target("t/w", {2, 2})};
  const map_proposal proposal = propose_map(tensors, targets);
  EXPECT_THAT(entries_of(proposal),
              ElementsAre("a.weight -> a/kernel T", "b.weight -> b/kernel T", "t.w -> t/w"));
  EXPECT_EQ(proposal.entries[0].doubt, "");
  EXPECT_NE(proposal.entries[1].doubt, "");
  EXPECT_EQ(proposal.entries[2].doubt, "");
  const map_proposal alone =
      propose_map(std::vector{tensor("b.weight", {2, 2})}, std::vector{target("b/kernel", {2, 2})});
  EXPECT_FALSE(alone.entries[0].transposed);
  EXPECT_NE(alone.entries[0].doubt, "");
}

}  // namespace
}  // namespace warmstart::detail::cli

#include "base/nearest.hpp"

#include <gtest/gtest.h>

namespace warmstart::detail {
namespace {

using names = std::vector<std::string>;

const std::vector<std::string_view> CANDIDATES = {"encoder/layer_0/kernel", "encoder/layer_0/bias",
                                                  "decoder/layer_0/kernel", "global_step", "w"};

TEST(nearest, finds_names_with_typing_errors) {
  EXPECT_EQ(nearest_names("encoder/layer_0/kernle", CANDIDATES), names{"encoder/layer_0/kernel"});
  EXPECT_EQ(nearest_names("global_stp", CANDIDATES), names{"global_step"});
}

TEST(nearest, the_same_name_in_another_scope) {
  EXPECT_EQ(nearest_names("model/bias", CANDIDATES), names{"encoder/layer_0/bias"});
}

TEST(nearest, finds_nothing_among_distant_names) {
  EXPECT_EQ(nearest_names("optimizer/momentum", CANDIDATES), names());
  EXPECT_EQ(nearest_names("x", {}), names());
}

TEST(nearest, falls_back_to_a_common_prefix) {
  EXPECT_EQ(nearest_names("new_scop/", std::vector<std::string_view>{"new_scope_1/", "old/"}),
            names{"new_scope_1/"});
  EXPECT_EQ(nearest_names("encoder/layer_0/attention/query/kernels", CANDIDATES),
            (names{"encoder/layer_0/bias", "encoder/layer_0/kernel"}));
  EXPECT_EQ(nearest_names("emb/part_17", std::vector<std::string_view>{"emb", "embargo"}),
            (names{"emb"}));
  EXPECT_EQ(nearest_names("enamel", CANDIDATES), names());  // two letters say nothing
}

TEST(nearest, reads_as_a_question) {
  const std::vector<std::string_view> three = {"aa", "ab", "ac", "ad"};
  EXPECT_EQ(did_you_mean("ax", three), "; did you mean aa, ab or ac?");
  EXPECT_EQ(did_you_mean("aab", std::vector<std::string_view>{"aa"}), "; did you mean aa?");
}

TEST(nearest, lists_existing_names_where_nothing_is_near) {
  using views = std::vector<std::string_view>;
  EXPECT_EQ(did_you_mean("qqqqqqqq", views{}), "");
  EXPECT_EQ(did_you_mean("qqqqqqqq", views{"a"}), "; there is only a");
  EXPECT_EQ(did_you_mean("qqqqqqqq", views{"a", "b"}), "; there are a and b");
  EXPECT_EQ(did_you_mean("qqqqqqqq", views{"a", "b", "c"}), "; there are a, b and c");
  EXPECT_EQ(did_you_mean("qqqqqqqq", views{"a", "b", "c", "d", "e"}),
            "; there are a, b, c and 2 more");
}

}  // namespace
}  // namespace warmstart::detail

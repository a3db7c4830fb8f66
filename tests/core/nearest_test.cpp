#include "core/nearest.hpp"

#include <gtest/gtest.h>

namespace warmstart {
namespace {

using names = std::vector<std::string>;

const std::vector<std::string_view> CANDIDATES = {"encoder/layer_0/kernel", "encoder/layer_0/bias",
                                                  "decoder/layer_0/kernel", "global_step", "w"};

TEST(nearest, slips_of_the_keyboard) {
  EXPECT_EQ(nearest_names("encoder/layer_0/kernle", CANDIDATES), names{"encoder/layer_0/kernel"});
  EXPECT_EQ(nearest_names("global_stp", CANDIDATES), names{"global_step"});
}

TEST(nearest, the_same_name_in_another_scope) {
  EXPECT_EQ(nearest_names("model/bias", CANDIDATES), names{"encoder/layer_0/bias"});
}

TEST(nearest, nothing_is_near) {
  EXPECT_EQ(nearest_names("optimizer/momentum", CANDIDATES), names());
  EXPECT_EQ(nearest_names("x", {}), names());
}

TEST(nearest, reads_as_a_question) {
  const std::vector<std::string_view> three = {"aa", "ab", "ac", "ad"};
  EXPECT_EQ(did_you_mean("ax", three), "; did you mean aa, ab or ac?");
  EXPECT_EQ(did_you_mean("aab", std::vector<std::string_view>{"aa"}), "; did you mean aa?");
  EXPECT_EQ(did_you_mean("qqqqqqqq", three), "");
}

}  // namespace
}  // namespace warmstart

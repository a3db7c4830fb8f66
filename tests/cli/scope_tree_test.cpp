#include "cli/scope_tree.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace warmstart::detail::cli {
namespace {

tensor_info listed(const std::string& name, const shape& of = {2}) {
  return {
      .name = name, .type = dtype::float32, .full_shape = of, .size_bytes = 4 * of.element_count()};
}

TEST(scope_tree, scopes_hold_their_sums) {
  const std::vector<tensor_info> tensors = {listed("a/b/x"), listed("a/b/y", {3, 2}), listed("a/c"),
                                            listed("w"), listed("w/slot")};
  EXPECT_EQ(scope_tree(tensors, 0),
            "scope   tensors  dtype    shape  bytes\n"
            "a/            3                   40 B\n"
            "  b/          2                   32 B\n"
            "    x            float32  [2]      8 B\n"
            "    y            float32  [3,2]   24 B\n"
            "  c              float32  [2]      8 B\n"
            "w                float32  [2]      8 B\n"
            "w/            1                    8 B\n"
            "  slot           float32  [2]      8 B\n");
}

TEST(scope_tree, a_scope_that_holds_one_scope_is_written_with_it) {
  const std::vector<tensor_info> tensors = {listed("m/n/a/x"), listed("m/n/b/x"),
                                            listed("m/n/b/y")};
  EXPECT_EQ(scope_tree(tensors, 0),
            "scope  tensors  dtype    shape  bytes\n"
            "m/n/         3                   24 B\n"
            "  a/         1                    8 B\n"
            "    x           float32  [2]      8 B\n"
            "  b/         2                   16 B\n"
            "    x           float32  [2]      8 B\n"
            "    y           float32  [2]      8 B\n");
}

TEST(scope_tree, dots_separate_names_without_slashes) {
  const std::vector<tensor_info> tensors = {listed("layer.0.w"), listed("layer.1.w")};
  EXPECT_EQ(scope_tree(tensors, 2),
            "scope   tensors  dtype  shape  bytes\n"
            "layer.        2                 16 B\n"
            "  0.          1                  8 B\n"
            "  1.          1                  8 B\n");
}

TEST(scope_tree, depth_omits_deeper_scopes) {
  const std::vector<tensor_info> tensors = {listed("a/b/x"), listed("a/c"), listed("w")};
  EXPECT_EQ(scope_tree(tensors, 1),
            "scope  tensors  dtype    shape  bytes\n"
            "a/           2                   16 B\n"
            "w               float32  [2]      8 B\n");
  EXPECT_EQ(scope_tree({}, 0), "scope  tensors  dtype  shape  bytes\n");
}

}  // namespace
}  // namespace warmstart::detail::cli

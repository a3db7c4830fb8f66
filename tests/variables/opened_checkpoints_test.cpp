#include "variables/opened_checkpoints.hpp"

#include <gtest/gtest.h>

namespace warmstart::detail {
namespace {

std::shared_ptr<const catalog> contents_of(const std::string& path, const std::string& format) {
  catalog made;
  made.path = path;
  made.format = format;
  return std::make_shared<const catalog>(std::move(made));
}

TEST(opened_checkpoints, are_listed_once_however_often_they_are_named) {
  opened_checkpoints opened;
  const auto a = contents_of("/d/a", "torch");
  const auto b = contents_of("/d/b", "torch");
  for (int i = 0; i < 100; ++i) {
    opened.add("./a", a);
    opened.add("b", b);
    opened.add("a", a);
  }
  ASSERT_EQ(opened.all().size(), 2U);
  EXPECT_EQ(opened.all()[0].spelled, "./a");
  EXPECT_EQ(opened.all()[0].contents, a);
  EXPECT_EQ(opened.all()[1].contents, b);
}

TEST(opened_checkpoints, are_found_by_path_and_format) {
  opened_checkpoints opened;
  const auto torch = contents_of("x", "torch");
  const auto npz = contents_of("x", "npz");
  opened.add("x", torch);
  opened.add("x", npz);
  EXPECT_EQ(opened.find(nullptr, "x", "torch"), torch);
  EXPECT_EQ(opened.find(nullptr, "x", "npz"), npz);
  EXPECT_EQ(opened.find(nullptr, "x", "safetensors"), nullptr);
  EXPECT_EQ(opened.find(nullptr, "y", "torch"), nullptr);
}

TEST(opened_checkpoints, a_reread_checkpoint_replaces_the_old_one) {
  opened_checkpoints opened;
  const auto older = contents_of("x", "torch");
  const auto newer = contents_of("x", "torch");
  opened.add("x", older);
  opened.add("x", newer);
  EXPECT_EQ(opened.find(nullptr, "x", "torch"), newer);
  ASSERT_EQ(opened.all().size(), 2U);
  EXPECT_EQ(opened.all()[1].contents, newer);
  opened.clear();
  EXPECT_EQ(opened.find(nullptr, "x", "torch"), nullptr);
  EXPECT_TRUE(opened.all().empty());
}

}  // namespace
}  // namespace warmstart::detail

#include "model/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/catalog_builder.hpp"

namespace warmstart::detail {
namespace {

using test::catalog_builder;
using testing::ElementsAre;
using testing::IsEmpty;

catalog named(const std::vector<std::string>& names) {
  catalog_builder made;
  for (const std::string& name : names) made.tensor(name, dtype::uint8, {1});
  return made.get();
}

TEST(catalog_names, dots_are_slashes_where_that_is_allowed) {
  catalog source = named({"a.b/c", "layer.0.w"});
  EXPECT_EQ(source.find("layer/0/w"), nullptr);
  source.allow_dots_as_slashes();
  EXPECT_EQ(source.find("layer/0/w"), &source.tensors[1]);
  EXPECT_EQ(source.find("layer.0/w"), &source.tensors[1]);
  EXPECT_EQ(source.find("a/b.c"), &source.tensors[0]);
  EXPECT_EQ(source.find("layer/0"), nullptr);
  EXPECT_TRUE(source.has_names_in("layer/0/"));
  EXPECT_FALSE(source.has_names_in("layer/1/"));
  EXPECT_EQ(source.find_alias("layer/0/w"), nullptr);
}

TEST(catalog_names, an_exact_name_goes_first_and_rivals_fit_none) {
  catalog source = named({"a.b", "a.b.c", "a.b/c", "a/b"});
  source.allow_dots_as_slashes();
  EXPECT_EQ(source.find("a.b"), &source.tensors[0]);
  EXPECT_EQ(source.find("a/b"), &source.tensors[3]);
  EXPECT_EQ(source.find("a/b/c"), nullptr);
  EXPECT_THAT(source.find_rivals("a/b/c"), ElementsAre("a.b.c", "a.b/c"));
  EXPECT_THAT(source.find_rivals("a.b"), IsEmpty());
  EXPECT_THAT(source.find_rivals("nothing"), IsEmpty());
}

// Another name of the same tensor is no rival.
TEST(catalog_names, aliases_have_plain_names_too) {
  catalog source = named({"x.w"});
  source.aliases = {{.name = "x/w", .tensor = 0}, {.name = "y.w", .tensor = 0}};
  source.allow_dots_as_slashes();
  EXPECT_EQ(source.find("y/w"), &source.tensors[0]);
  EXPECT_EQ(source.find("x/w"), &source.tensors[0]);
}

}  // namespace
}  // namespace warmstart::detail

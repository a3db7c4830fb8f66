#include "model/variable_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace warmstart::detail {
namespace {

using numbers = std::vector<std::uint32_t>;
using name_list = std::vector<std::string_view>;

/// Rows of a variable: parts (0: it is not partitioned), each on so many devices.
std::vector<variable_info> rows_of(const std::string& name, std::uint32_t parts = 0,
                                   std::uint32_t replicas = 1) {
  std::vector<variable_info> rows;
  for (std::uint32_t part = 0; part < std::max(parts, 1U); ++part) {
    for (std::uint32_t replica = 0; replica < replicas; ++replica) {
      rows.push_back({.name = parts == 0 ? name : name + "/part_" + std::to_string(part),
                      .full_name = name,
                      .part = part,
                      .replica = replica,
                      .partitioned = parts > 0});
    }
  }
  return rows;
}

numbers found(const std::optional<variable_index::named_rows>& named) {
  return named ? numbers(named->rows.begin(), named->rows.end()) : numbers{};
}

name_list names_of(const std::vector<variable_index::named_rows>& list) {
  name_list made;
  for (const auto& one : list) made.push_back(one.name);
  return made;
}

class variable_index_test : public testing::Test {
 protected:
  variable_index_test() {
    index_.add(rows_of("s/w", 2, 2));
    index_.add(rows_of("b", 0, 2));
    index_.add(rows_of("s/a"));
  }
  variable_index index_;
};

TEST_F(variable_index_test, finds_variables_and_parts) {
  EXPECT_EQ(found(index_.find("s/w")), (numbers{0, 1, 2, 3}));
  EXPECT_EQ(found(index_.find("s/w/part_0")), (numbers{0, 1}));
  EXPECT_EQ(found(index_.find("s/w/part_1")), (numbers{2, 3}));
  EXPECT_EQ(found(index_.find("b")), (numbers{4, 5}));
  EXPECT_FALSE(index_.find("s"));
  EXPECT_FALSE(index_.find(""));
  EXPECT_TRUE(index_.find("s/w")->partitioned);
  EXPECT_FALSE(index_.find("b")->partitioned);
  EXPECT_EQ(index_.rows()[6].name, "s/a");
}

TEST_F(variable_index_test, drops_a_suffix_that_no_name_has) {
  EXPECT_EQ(found(index_.find("b:0")), (numbers{4, 5}));
  EXPECT_FALSE(index_.find_exactly("b:0"));
  index_.add(rows_of("b:0"));
  EXPECT_EQ(found(index_.find("b:0")), numbers{7});
}

TEST_F(variable_index_test, grows) {
  for (int i = 999; i >= 0; --i) index_.add(rows_of("t/" + std::to_string(i)));
  EXPECT_EQ(found(index_.find("t/999")), numbers{7});
  EXPECT_EQ(found(index_.find("t/0")), numbers{1006});
  EXPECT_EQ(found(index_.find("s/w/part_0")), (numbers{0, 1}));
  EXPECT_EQ(index_.variables_in("t").size(), 1000U);
}

TEST_F(variable_index_test, knows_scopes) {
  EXPECT_EQ(names_of(index_.variables_in("")), (name_list{"b", "s/a", "s/w"}));
  EXPECT_EQ(names_of(index_.variables_in("s")), (name_list{"s/a", "s/w"}));
  EXPECT_EQ(names_of(index_.variables_in("s/w")), name_list{"s/w"});
  EXPECT_EQ(names_of(index_.variables_in("s/a")), name_list{});
  EXPECT_EQ(index_.variable_names(), (name_list{"b", "s/a", "s/w"}));
  EXPECT_EQ(index_.scope_names(), name_list{"s/"});
}

}  // namespace
}  // namespace warmstart::detail

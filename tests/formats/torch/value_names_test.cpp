#include "formats/torch/value_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/pickle/pickle_reader.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/pickle_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace pickled = test::pickled;

std::optional<symbol_use> find_tensor_symbol(std::string_view symbol) {
  if (symbol == "m call") return symbol_use::call;
  if (symbol == "builtins set") return symbol_use::opaque;
  return std::nullopt;
}

std::vector<std::string> names_in(const std::string& opcodes) {
  test::memory_files files;
  files.put("p", test::bundle_writer::bytes_of(opcodes + '.'));
  const pickle made = read_pickle(*files.open("p", read_mode::buffered),
                                  {.begin = 0, .end = std::ssize(opcodes) + 1}, find_tensor_symbol);
  std::vector<std::string> found;
  for (const named_value& one : name_calls(made, "root", "p")) {
    EXPECT_EQ(made[one.value].is, pickle_kind::call);
    found.push_back(one.name);
  }
  return found;
}

const std::string CALL = "cm\ncall\n)R";
using pickled::dict;
using pickled::integer;
using pickled::text;

TEST(value_names, are_joined_from_the_keys_of_the_path) {
  EXPECT_THAT(names_in(dict(text("model") + dict(text("a.w") + CALL + text("b") + CALL) +
                            text("lists") + pickled::list(CALL + pickled::tuple("N" + CALL)) +
                            text("epoch") + integer(3) + integer(7) + CALL)),
              ElementsAre("7", "lists.0", "lists.1.1", "model.a.w", "model.b"));
  EXPECT_THAT(names_in(dict(text("") + CALL + text("x") + dict(text("") + CALL))),
              ElementsAre("", "x."));
  EXPECT_THAT(names_in(CALL), ElementsAre("root"));
  EXPECT_THAT(names_in("N"), ElementsAre());
}

TEST(value_names, other_keys_lead_nowhere) {
  EXPECT_THAT(names_in(dict("N" + CALL + pickled::YES + CALL + pickled::tuple("") + CALL +
                            integer(1) + dict("N" + CALL) + integer(-2) + CALL)),
              ElementsAre("-2"));
}

TEST(value_names, a_key_that_is_set_again_has_the_last_value) {
  EXPECT_THAT(
      names_in(dict(text("a") + CALL + text("a") + "N" + text("b") + "N" + text("b") + CALL)),
      ElementsAre("b"));
  EXPECT_THAT(names_in(dict(text("1") + CALL + integer(1) + CALL)), ElementsAre("1", "1"));
}

TEST(value_names, shared_values_have_all_their_names) {
  EXPECT_THAT(names_in("](" + dict(text("w") + CALL) +
                       "q\x01h\x01"
                       "e"),
              ElementsAre("0.w", "1.w"));
}

TEST(value_names, a_container_in_itself_leads_nowhere) {
  EXPECT_THAT(names_in("]q\x01(h\x01" + CALL + pickled::tuple("h\x01" + CALL) + 'e'),
              ElementsAre("1", "2.1"));
}

TEST(value_names, trees_that_references_blow_up_are_refused) {
  std::string program = dict(text("w") + CALL) + "q\x01";
  for (int level = 0; level < 40; ++level)
    program +=
        "](h\x01h\x01"
        "eq\x01";
  try {
    (void)names_in(program);
    FAIL() << "was accepted";
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::unsupported);
    EXPECT_THAT(bad.what(), HasSubstr("p: "));
  }
}

TEST(value_names, any_depth_is_walked) {
  std::string program;
  for (int level = 0; level < 100'000; ++level) program += ']';
  program += CALL;
  for (int level = 0; level < 100'000; ++level) program += 'a';
  ASSERT_EQ(names_in(program).size(), 1U);
}

}  // namespace
}  // namespace warmstart::detail

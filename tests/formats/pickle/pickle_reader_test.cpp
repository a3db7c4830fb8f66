#include "formats/pickle/pickle_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/pickle_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using testing::HasSubstr;
namespace pickled = test::pickled;

std::optional<symbol_use> find_symbol(std::string_view symbol) {
  if (symbol == "m value") return symbol_use::value;
  if (symbol == "m call") return symbol_use::call;
  if (symbol == "m same") return symbol_use::argument;
  if (symbol == "m Class") return symbol_use::instance;
  if (symbol == "collections OrderedDict") return symbol_use::dict;
  if (symbol == "builtins set") return symbol_use::opaque;
  return std::nullopt;
}

class pickle_reader : public testing::Test {
 protected:
  pickle read(const std::string& bytes, std::int64_t begin = 0) {
    files_.put("p", test::bundle_writer::bytes_of(bytes));
    return read_pickle(*files_.open("p", read_mode::buffered),
                       {.begin = begin, .end = std::ssize(bytes)}, find_symbol);
  }
  std::string refusal(const std::string& opcodes, error_code code = error_code::corrupt) {
    try {
      (void)read(opcodes);
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), code) << bad.what();
      return bad.what();
    }
    ADD_FAILURE() << "was accepted";
    return {};
  }
  // As Python would write it, for what tests compare.
  static std::string repr(const pickle& in, pickle_node node) {
    const pickle_value& value = in[node];
    switch (value.is) {
      case pickle_kind::none:
        return "None";
      case pickle_kind::boolean:
        return value.number != 0 ? "True" : "False";
      case pickle_kind::integer:
        return std::to_string(value.number);
      case pickle_kind::text:
        return '"' + value.text + '"';
      case pickle_kind::symbol:
        return '<' + value.text + '>';
      case pickle_kind::opaque:
        return "?";
      case pickle_kind::tuple:
        return '(' + all(in, value) + ')';
      case pickle_kind::list:
        return '[' + all(in, value) + ']';
      case pickle_kind::dict:
        return '{' + all(in, value) + '}';
      case pickle_kind::persistent:
        return "@(" + all(in, value) + ')';
      case pickle_kind::call:
        return "call(" + all(in, value) + ')';
      case pickle_kind::object:
        return "object(" + all(in, value) + ')';
    }
    return "";
  }
  static std::string all(const pickle& in, const pickle_value& of) {
    std::string text;
    for (const pickle_node one : of.items) text += (text.empty() ? "" : ", ") + repr(in, one);
    return text;
  }
  std::string made_of(const std::string& opcodes) {
    const pickle made = read(opcodes + '.');
    EXPECT_EQ(made.end_offset, std::ssize(opcodes) + 1);
    return repr(made, made.root);
  }

  test::memory_files files_;
};

TEST_F(pickle_reader, constants_numbers_and_texts) {
  EXPECT_EQ(made_of("N"), "None");
  EXPECT_EQ(made_of("\x80\x02\x88"), "True");
  EXPECT_EQ(made_of("\x89"), "False");
  EXPECT_EQ(made_of("K\xff"), "255");
  EXPECT_EQ(made_of("M\xff\xff"), "65535");
  EXPECT_EQ(made_of("J\xfe\xff\xff\xff"), "-2");
  EXPECT_EQ(made_of(std::string("\x8a\0", 2)), "0");
  EXPECT_EQ(made_of("\x8a\x01\x80"), "-128");
  EXPECT_EQ(made_of(std::string("\x8a\x02\x80\0", 4)), "128");
  EXPECT_EQ(made_of(pickled::integer(INT64_MIN)), std::to_string(INT64_MIN));
  EXPECT_EQ(made_of("\x8a\x09" + std::string(9, 'x')), "?");
  EXPECT_EQ(made_of(std::string("\x8b\x01\0\0\0\x07", 6)), "7");
  EXPECT_EQ(made_of('G' + std::string(8, 'x')), "?");
  EXPECT_EQ(made_of(pickled::text("\xc3\xbc")), "\"\xc3\xbc\"");
  EXPECT_EQ(made_of("\x8c\x02hi"), "\"hi\"");
  EXPECT_EQ(made_of(std::string("\x8d\x02\0\0\0\0\0\0\0hi", 11)), "\"hi\"");
  EXPECT_EQ(made_of("U\x02hi"), "\"hi\"");
  EXPECT_EQ(made_of("C\x02\xff\xff"), "?");
  EXPECT_EQ(made_of(std::string("B\x01\0\0\0\xff", 6)), "?");
}

TEST_F(pickle_reader, containers) {
  EXPECT_EQ(made_of(")](K\x01K\x02"
                    "e\x8f\x87"),
            "((), [1, 2], ?)");
  EXPECT_EQ(made_of("(K\x01K\x02t"), "(1, 2)");
  EXPECT_EQ(made_of("K\x01\x85K\x02\x86"), "((1), 2)");
  EXPECT_EQ(made_of("]K\x01"
                    "aK\x02"
                    "a"),
            "[1, 2]");
  EXPECT_EQ(made_of("}K\x01K\x02s(K\x03K\x04u(u"), "{1, 2, 3, 4}");
  EXPECT_EQ(made_of(pickled::dict(pickled::text("a") + "K\x01" + pickled::text("b") + "N")),
            "{\"a\", 1, \"b\", None}");
}

TEST_F(pickle_reader, memo_references_share_one_value) {
  const pickle made = read(
      "]q\x05h\x05"
      "a](h\x05h\x05"
      "e.");
  const pickle_value& root = made[made.root];
  ASSERT_EQ(root.items.size(), 2U);
  EXPECT_EQ(root.items[0], root.items[1]);
  EXPECT_EQ(made[root.items[0]].items.at(0), root.items[0]) << "a list in itself";
  EXPECT_EQ(made_of(std::string("K\x01\x94K\x02\x94r\x07\0\0\0h\0h\x01j\x07\0\0\0\x87", 21)),
            "(1, 2, 2)");
}

TEST_F(pickle_reader, symbols_are_names_and_calls_are_values) {
  EXPECT_EQ(made_of("cm\nvalue\n"), "<m value>");
  EXPECT_EQ(made_of("\x8c\x01m\x8c\x05value\x93"), "<m value>");
  EXPECT_EQ(made_of("c__builtin__\nset\n](K\x01"
                    "e\x85R"),
            "?");
  EXPECT_EQ(made_of("cm\ncall\nK\x01K\x02\x86R"), "call(<m call>, (1, 2))");
  EXPECT_EQ(made_of("cm\nsame\nK\x01\x85\x85R"), "(1)");
  EXPECT_EQ(made_of("K\x01Q"), "@(1)");
  EXPECT_EQ(made_of("cm\nClass\n)\x81}b"), "object(<m Class>, {})");
  EXPECT_EQ(made_of("cm\nClass\n)\x81"), "object(<m Class>)");
}

TEST_F(pickle_reader, ordered_dicts_are_dicts) {
  const std::string of = "ccollections\nOrderedDict\n";
  EXPECT_EQ(made_of(of + ")R"), "{}");
  EXPECT_EQ(made_of(of + ")RK\x01K\x02s}b"), "{1, 2}") << "its attributes are no items";
  EXPECT_EQ(made_of(of + "](K\x01K\x02\x86](K\x03K\x04"
                         "ee\x85R"),
            "{1, 2, 3, 4}");
  EXPECT_EQ(made_of(of + "}K\x01K\x02s\x85R"), "{1, 2}");
  EXPECT_THAT(refusal(of + "](K\x01"
                           "e\x85R."),
              HasSubstr("pairs"));
  EXPECT_THAT(refusal(of + "K\x01\x85R."), HasSubstr("pairs"));
  EXPECT_THAT(refusal(of + "]]\x86R."), HasSubstr("pairs"));
}

TEST_F(pickle_reader, the_last_value_of_a_key_counts) {
  const pickle made = read(pickled::dict(pickled::text("a") + "K\x01" + pickled::text("a") +
                                         "K\x02" + pickled::integer(7) + "N") +
                           '.');
  EXPECT_EQ(made.find(made[made.root], "a")->number, 2);
  EXPECT_EQ(made.find(made[made.root], "7"), nullptr);
}

TEST_F(pickle_reader, bytes_around_a_pickle_are_ignored) {
  const pickle made = read("junkK\x07.K\x08.", 4);
  EXPECT_EQ(made[made.root].number, 7);
  EXPECT_EQ(made[made.root].offset_bytes, 4);
  EXPECT_EQ(made.end_offset, 7);
  EXPECT_EQ(made_of(std::string("\x80\x07\x95\0\0\0\0\0\0\0\0K\x01K\x02", 15)), "2");
}

TEST_F(pickle_reader, unlisted_symbols_are_refused_with_their_offset) {
  for (const char* program :
       {"cposix\nsystem\n.", "Ncposix\nsystem\n0N.", "\x8c\x05posix\x8c\x06system\x93."}) {
    const std::string why = refusal(program, error_code::unsupported);
    EXPECT_THAT(why, HasSubstr("'posix system'"));
    EXPECT_THAT(why, HasSubstr("p, offset "));
  }
  EXPECT_THAT(refusal("cm\nvalue\n)R.", error_code::unsupported), HasSubstr("m value"));
  EXPECT_THAT(refusal("cm\nClass\n)R.", error_code::unsupported), HasSubstr("m Class"));
  EXPECT_THAT(refusal("cm\ncall\n)\x81.", error_code::unsupported), HasSubstr("m call"));
  EXPECT_THAT(refusal("cm\ncall\n)R}b.", error_code::unsupported), HasSubstr("state"));
}

TEST_F(pickle_reader, other_opcodes_are_refused_by_number) {
  const std::string known = std::string(
      "\x80\x95(N\x88\x89KMJ\x8a\x8bGX\x8c\x8dUBC}])\x8ft\x85\x86"
      "\x87"
      "aesuqr\x94hjc\x93QR\x81"
      "b.");
  for (int opcode = 0; opcode < 256; ++opcode) {
    if (known.find(static_cast<char>(opcode)) != std::string::npos) continue;
    EXPECT_THAT(refusal(std::string("NNN") + static_cast<char>(opcode), error_code::unsupported),
                HasSubstr("offset 3: pickle: opcode 0x"));
  }
}

TEST_F(pickle_reader, invalid_programs_are_corrupt) {
  EXPECT_THAT(refusal("."), HasSubstr("empty"));
  EXPECT_THAT(refusal("(."), HasSubstr("empty"));
  EXPECT_THAT(refusal("N(q\x01."), HasSubstr("empty")) << "a mark is a bottom";
  EXPECT_THAT(refusal("t."), HasSubstr("mark"));
  EXPECT_THAT(refusal("h\x05."), HasSubstr("memo 5"));
  EXPECT_THAT(refusal("}(Nu."), HasSubstr("key without"));
  EXPECT_THAT(refusal("}]Ns."), HasSubstr("a list cannot be a key"));
  EXPECT_THAT(refusal("}NNa."), HasSubstr("expected a list"));
  EXPECT_THAT(refusal("]NNs."), HasSubstr("expected a dict"));
  EXPECT_THAT(refusal("NNR."), HasSubstr("arguments"));
  EXPECT_THAT(refusal("N)R."), HasSubstr("a call"));
  EXPECT_THAT(refusal("NN\x93."), HasSubstr("name"));
  EXPECT_THAT(refusal("U\x01\xff."), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal("cm\nClass\n)\x81}b}b."), HasSubstr("two states"));
  EXPECT_THAT(refusal(std::string("\x8b\xff\xff\xff\xff", 5)), HasSubstr("negative"));
  EXPECT_THAT(refusal('c' + std::string(5000, 'x')), HasSubstr("without an end"));
  const std::string good = pickled::dict(pickled::text("a") + pickled::integer(1)) + '.';
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(refusal(good.substr(0, size)), HasSubstr("ends early"));
  }
}

// One list, made into dicts over and over, would take memory in proportion to the square.
TEST_F(pickle_reader, many_dicts_of_one_list_are_refused) {
  std::string pairs;
  for (int i = 0; i < 1000; ++i) pairs += "NN\x86";
  std::string program = "ccollections\nOrderedDict\nq\x01](" + pairs + "e\x85q\x02";
  for (int i = 0; i < 10; ++i) program += "h\x01h\x02R";
  EXPECT_THAT(refusal(program + '.', error_code::unsupported), HasSubstr("too many dicts"));
}

}  // namespace
}  // namespace warmstart::detail

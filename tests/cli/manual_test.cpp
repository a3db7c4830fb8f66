// man/warmstart.1 describes every command and option, and no others.

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "cli/command_line.hpp"
#include "support/paths.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail::cli {
namespace {

// Without the escapes of roff.
std::string manual() {
  const std::string text = test::read_file(test::data_path("../../man/warmstart.1"));
  return std::regex_replace(text, std::regex(R"(\\-)"), "-");
}

TEST(manual, has_every_command) {
  const std::string text = manual();
  for (const described_command& command : describe_command_line()) {
    if (command.name == "warmstart") continue;
    EXPECT_NE(text.find("\n.B warmstart " + command.name + "\n"), std::string::npos)
        << command.name << " is missing in the synopsis";
    EXPECT_NE(text.find("\n.TP\n.B " + command.name + "\n"), std::string::npos)
        << command.name << " is not explained";
  }
}

TEST(manual, has_every_option_and_no_others) {
  const std::string text = manual();
  std::set<std::string> known;
  for (const described_command& command : describe_command_line()) {
    for (const described_option& one : command.options) {
      known.insert(one.name);
      // `.BI --dump " DIR"`
      const std::string line =
          one.value.empty() ? one.name + "\n" : "\n.BI " + one.name + " \" " + one.value + "\"\n";
      EXPECT_NE(text.find(line), std::string::npos)
          << command.name << ' ' << one.name << " is not explained";
    }
  }
  const std::regex option("--[a-z][a-z-]*");
  for (std::sregex_iterator at(text.begin(), text.end(), option); at != std::sregex_iterator();
       ++at) {
    EXPECT_TRUE(known.contains(at->str())) << "there is no option " << at->str();
  }
}

}  // namespace
}  // namespace warmstart::detail::cli

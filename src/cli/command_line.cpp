#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "cli/command_options.hpp"
#include "cli/usage_error.hpp"

namespace warmstart::detail::cli {
namespace {

bool has_command(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands({});
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* one) { return one->get_name() == name; });
}

int refuse(const std::string& command, const std::string& why) {
  const std::string name = command.empty() ? "warmstart" : "warmstart " + command;
  std::fprintf(stderr, "%s: %s\nSee %s --help.\n", name.c_str(), why.c_str(), name.c_str());
  return EXIT_USAGE;
}

described_command describe(const CLI::App& app) {
  described_command made{.name = app.get_name(),
                         .description = app.get_description(),
                         .options = {},
                         .positionals = {}};
  for (const CLI::Option* one : app.get_options()) {
    auto& list = one->get_positional() ? made.positionals : made.options;
    list.push_back(
        {.name = one->get_positional() ? one->get_name() : "--" + one->get_lnames().at(0),
         .value = one->get_option_text(),
         .description = one->get_description()});
  }
  return made;
}

}  // namespace

parsed_command_line parse_command_line(int argc, const char* const* argv) {
  parsed_command_line made;
  const auto app = make_command_tree(made.given);
  if (argc < 2) {
    made.exit_status = refuse("", "expected a command");
    return made;
  }
  const std::string first = argv[1];
  if (!first.starts_with('-') && !has_command(*app, first)) {
    made.exit_status = refuse("", unknown_command(*app, first));
    return made;
  }
  try {
    app->parse(argc, argv);
    made.given.command = app->get_subcommands().front()->get_name();
  } catch (const CLI::ParseError& bad) {
    if (bad.get_exit_code() == 0) {
      made.exit_status = app->exit(bad);
    } else {
      const auto parsed = app->get_subcommands();
      made.exit_status =
          refuse(parsed.empty() ? "" : parsed.front()->get_name(), usage_error(*app, bad));
    }
  }
  return made;
}

std::vector<described_command> describe_command_line() {
  arguments unused;
  const auto app = make_command_tree(unused);
  std::vector<described_command> all = {describe(*app)};
  for (const CLI::App* one : app->get_subcommands({})) all.push_back(describe(*one));
  return all;
}

}  // namespace warmstart::detail::cli

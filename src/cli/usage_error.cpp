#include "cli/usage_error.hpp"

#include <string_view>
#include <vector>

#include "base/nearest.hpp"
#include "base/printable.hpp"

namespace warmstart::detail::cli {
namespace {

const CLI::App& command_of(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : *parsed.front();
}

std::string suggestion(const std::string& wanted, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return nearest_names(wanted, candidates).empty() ? "" : did_you_mean(wanted, candidates);
}

std::string unexpected(const CLI::App& command, const std::string& word) {
  if (!word.starts_with('-')) return "unexpected argument '" + printable(word) + "'";
  std::vector<std::string> names;
  for (const CLI::Option* one : command.get_options()) {
    if (one->nonpositional()) names.push_back(one->get_name());
  }
  return "there is no option " + printable(word) + suggestion(word, names);
}

std::string missing(const CLI::App& command, const std::string& what) {
  for (const CLI::Option* one : command.get_options()) {
    if (one->get_positional() && what == one->get_name() + " is required") {
      return one->get_name() + " is missing: " + one->get_description();
    }
  }
  return what;
}

// `--budget: 1 required BYTES missing`
std::string mismatch(const CLI::App& command, const std::string& what) {
  const std::string name = what.substr(0, what.find(':'));
  for (const CLI::Option* one : command.get_options()) {
    if (one->get_name() == name && !one->get_option_text().empty()) {
      return name + " needs a value: " + one->get_option_text();
    }
  }
  return what;
}

std::string excluded(std::string what) {
  constexpr std::string_view EXCLUDES = " excludes ";
  const std::size_t at = what.find(EXCLUDES);
  if (at != std::string::npos) what.replace(at, EXCLUDES.size(), " cannot be given together with ");
  return what;
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& bad) {
  const CLI::App& command = command_of(app);
  if (const auto extras = app.remaining(true); dynamic_cast<const CLI::ExtrasError*>(&bad)) {
    return extras.empty() ? bad.what() : unexpected(command, extras.front());
  }
  if (dynamic_cast<const CLI::RequiredError*>(&bad)) return missing(command, bad.what());
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&bad)) return mismatch(command, bad.what());
  if (dynamic_cast<const CLI::ExcludesError*>(&bad)) return excluded(bad.what());
  return printable(bad.what());
}

std::string unknown_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* one : app.get_subcommands({})) names.push_back(one->get_name());
  return "there is no command " + printable(word) + suggestion(word, names);
}

}  // namespace warmstart::detail::cli

#include "cli/completion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace warmstart::detail::cli {
namespace {

// The words of `auto|always|never`, separated by spaces; empty for other values.
std::string choices_of(const described_option& option) {
  if (option.value.find('|') == std::string::npos) return {};
  std::string words = option.value;
  std::replace(words.begin(), words.end(), '|', ' ');
  return words;
}

std::string option_names(const described_command& of) {
  std::string names;
  for (const described_option& one : of.options) names += (names.empty() ? "" : " ") + one.name;
  return names;
}

std::string command_names(std::span<const described_command> commands) {
  std::string names;
  for (const described_command& one : commands) names += (names.empty() ? "" : " ") + one.name;
  return names;
}

constexpr auto BASH_BEGIN =
    R"(# Completes command lines of warmstart: source <(warmstart completion bash)
_warmstart() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= i
  # bash makes three words of --option=value.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ ${COMP_WORDS[i]} != -* ]]; then
      command=${COMP_WORDS[i]}
      break
    fi
  done
  case $command:$before in
)";
// If no word fits, `-o default` completes file names.
constexpr auto BASH_END = R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _warmstart warmstart
)";

// Completions after an option that takes a value, and after a command that takes a word.
std::string bash_values(const described_command& command) {
  std::string text;
  for (const described_option& one : command.options) {
    if (one.value.empty()) continue;
    text += fmt::format("    {}:{}) words='{}' ;;\n", command.name, one.name, choices_of(one));
  }
  for (const described_option& one : command.positionals) {
    const std::string choices = choices_of(one);
    if (choices.empty()) continue;
    text += fmt::format("    {0}:{0}) words='{1}' ;;\n", command.name, choices);
  }
  return text;
}

// Escapes text for single quotes in zsh's _arguments, where brackets and colons are special.
std::string zsh_text(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') quoted += '\\';
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return quoted;
}

std::string zsh_action(const described_option& option) {
  const std::string choices = choices_of(option);
  if (!choices.empty()) return "(" + choices + ")";
  if (option.value == "DIR") return "_files -/";
  const bool is_path = option.value == "FILE" || !option.name.starts_with('-');
  return is_path ? "_files" : " ";
}

std::string zsh_arguments(const described_command& command) {
  std::string text;
  for (const described_option& one : command.options) {
    const std::string about = zsh_text(one.description);
    text += one.value.empty() ? fmt::format(" \\\n        '{}[{}]'", one.name, about)
                              : fmt::format(" \\\n        '{}=[{}]:{}:{}'", one.name, about,
                                            zsh_text(one.value), zsh_action(one));
  }
  for (const described_option& one : command.positionals) {
    text += fmt::format(" \\\n        ':{}:{}'", zsh_text(one.name), zsh_action(one));
  }
  return text;
}

constexpr auto ZSH_BEGIN = R"(#compdef warmstart
# Completes command lines of warmstart: source <(warmstart completion zsh), after compinit
_warmstart() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
)";
// A file in $fpath is the body of the function; else the script is sourced.
constexpr auto ZSH_END = R"(      esac ;;
  esac
}
if [[ ${funcstack[1]} == _warmstart ]]; then
  _warmstart "$@"
else
  compdef _warmstart warmstart
fi
)";

}  // namespace

std::string bash_completion(std::span<const described_command> commands) {
  std::string text = BASH_BEGIN;
  for (const described_command& one : commands.subspan(1)) text += bash_values(one);
  text += fmt::format("    :*) words='{} {}' ;;\n", command_names(commands.subspan(1)),
                      option_names(commands.front()));
  for (const described_command& one : commands.subspan(1)) {
    text +=
        fmt::format("    {}:*) [[ $word == -* ]] && words='{}' ;;\n", one.name, option_names(one));
  }
  return text + BASH_END;
}

std::string zsh_completion(std::span<const described_command> commands) {
  std::string text = ZSH_BEGIN;
  text += "  commands=(\n";
  for (const described_command& one : commands.subspan(1)) {
    text += fmt::format("    '{}:{}'\n", one.name, zsh_text(one.description));
  }
  text += "  )\n  _arguments -C";
  text += zsh_arguments(
      {.name = "", .description = "", .options = commands.front().options, .positionals = {}});
  text +=
      " \\\n    '1: :->command' '*:: :->argument'\n"
      "  case $state in\n"
      "    command) _describe command commands ;;\n"
      "    argument)\n"
      "      case ${words[1]} in\n";
  for (const described_command& one : commands.subspan(1)) {
    text += fmt::format("      {})\n      _arguments{} ;;\n", one.name, zsh_arguments(one));
  }
  return text + ZSH_END;
}

}  // namespace warmstart::detail::cli

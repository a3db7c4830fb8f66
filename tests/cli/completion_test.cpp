#include "cli/completion.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail::cli {
namespace {

// The completions that bash offers for the last of `words`.
std::string offered(const std::string& words) {
  const auto result = test::run_program(
      {"/bin/bash", "-c",
       "source <(\"$1\" completion bash) && COMP_WORDS=(warmstart " + words +
           ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _warmstart && echo \"${COMPREPLY[@]}\"",
       "bash", test::program_path()});
  EXPECT_EQ(result.err, "");
  return result.out.substr(0, result.out.find('\n'));
}

TEST(completion, bash_offers_commands_options_and_values) {
  EXPECT_EQ(offered("ver"), "verify");
  EXPECT_EQ(offered("--v"), "--version");
  EXPECT_EQ(offered("run --p"), "--partial-checksums --progress");
  EXPECT_EQ(offered("run --progress ''"), "auto always never");
  EXPECT_EQ(offered("run job.json --io m"), "mapped");
  EXPECT_EQ(offered("plan --io = b"), "buffered");
  EXPECT_EQ(offered("plan --io ="), "auto buffered direct mapped");
  EXPECT_EQ(offered("completion ''"), "bash zsh");
  // Names of files, which bash completes where nothing is offered.
  for (const char* words : {"run ''", "run --dump ''", "inspect m", "verify x --json m"}) {
    EXPECT_EQ(offered(words), "") << words;
  }
}

TEST(completion, has_every_command_and_option) {
  const auto commands = describe_command_line();
  ASSERT_GE(commands.size(), 9U);
  const std::string bash = bash_completion(commands);
  const std::string zsh = zsh_completion(commands);
  for (const described_command& command : commands) {
    for (const described_option& one : command.options) {
      EXPECT_NE(bash.find(one.name), std::string::npos) << one.name;
      EXPECT_NE(zsh.find("'" + one.name + (one.value.empty() ? "[" : "=[")), std::string::npos)
          << one.name;
    }
  }
}

TEST(completion, zsh_texts_are_quoted) {
  const described_command commands[] = {
      {.name = "warmstart", .description = "", .options = {}, .positionals = {}},
      {.name = "run",
       .description = "Run it: now",
       .options = {{.name = "--io", .value = "a|b", .description = "How [it] isn't"},
                   {.name = "--dump", .value = "DIR", .description = "Where"}},
       .positionals = {{.name = "JOB", .value = "", .description = "Job file"}}}};
  const std::string script = zsh_completion(commands);
  for (const char* part : {"'run:Run it\\: now'", "'--io=[How \\[it\\] isn'\\''t]:a|b:(a b)'",
                           "'--dump=[Where]:DIR:_files -/'", "':JOB:_files'"}) {
    EXPECT_NE(script.find(part), std::string::npos) << part << '\n' << script;
  }
  if (!std::filesystem::exists("/usr/bin/zsh")) return;
  const test::temporary_directory scratch;
  test::write_file(scratch / "_warmstart", script);
  const auto checked = test::run_program({"/usr/bin/zsh", "-n", scratch / "_warmstart"});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
}

}  // namespace
}  // namespace warmstart::detail::cli

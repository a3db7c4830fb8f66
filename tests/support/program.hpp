#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <functional>
#include <string>
#include <vector>

#include "support/paths.hpp"
#include "support/temporary_directory.hpp"

extern char** environ;

namespace warmstart::detail::test {

struct program_result {
  int exit_code = -1;  ///< 128 + signal, if one ended it
  std::string out;
  std::string err;
};

/// Runs a program to its end, without a shell. Standard output goes to `out_path` if that is given.
/// `meanwhile` is called with its number while it runs.
inline program_result run_program(std::vector<std::string> command, std::string out_path = {},
                                  const std::function<void(pid_t)>& meanwhile = {}) {
  const temporary_directory scratch;
  const bool own_out = out_path.empty();
  if (own_out) out_path = scratch / "out";
  const std::string err_path = scratch / "err";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_path.c_str(), flags, 0600);
  std::vector<char*> arguments;
  for (std::string& one : command) arguments.push_back(one.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  program_result result;
  if (failed != 0) {
    result.err = "cannot be started: " + command[0];
    return result;
  }
  if (meanwhile) meanwhile(child);
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (own_out) result.out = read_file(out_path);
  result.err = read_file(err_path);
  return result;
}

/// The warmstart program that was built with these tests.
inline program_result run_warmstart(std::vector<std::string> arguments, std::string out_path = {}) {
  arguments.insert(arguments.begin(), test::program_path());
  return run_program(std::move(arguments), std::move(out_path));
}

}  // namespace warmstart::detail::test

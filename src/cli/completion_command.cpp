#include "cli/completion.hpp"
#include "cli/output.hpp"

namespace warmstart::detail::cli {

int completion_command(shell_kind shell, std::FILE* out) {
  const std::vector<described_command> commands = describe_command_line();
  write(out, shell == shell_kind::bash ? bash_completion(commands) : zsh_completion(commands));
  return EXIT_DONE;
}

}  // namespace warmstart::detail::cli

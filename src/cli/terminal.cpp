#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace warmstart::detail::cli {

bool is_terminal(std::FILE* file) noexcept {
  return ::isatty(::fileno(file)) == 1;
}

std::size_t terminal_width(std::FILE* terminal) noexcept {
  constexpr std::size_t USUAL_WIDTH = 80;
  winsize size{};
  const bool known = ::ioctl(::fileno(terminal), TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
  return known ? size.ws_col : USUAL_WIDTH;
}

}  // namespace warmstart::detail::cli

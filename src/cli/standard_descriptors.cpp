#include "cli/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace warmstart::detail::cli {

bool open_standard_descriptors() noexcept {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    const int flags = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    // `open` returns the lowest free number: this one, because all lower ones are open.
    if (::open("/dev/null", flags) != descriptor) return false;
  }
  return true;
}

}  // namespace warmstart::detail::cli

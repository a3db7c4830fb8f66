#include "io/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/file_problem.hpp"
#include "io/system_calls.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

std::string reason(int failure) {
  return std::generic_category().message(failure);
}

bool is_name(const std::string& path) noexcept {
  return path.find('\0') == std::string::npos;
}

unique_descriptor open_descriptor(const system_calls& calls, const std::string& path,
                                  int flags) noexcept {
  if (!is_name(path)) {
    errno = ENOENT;
    return {};
  }
  for (;;) {
    unique_descriptor descriptor(calls.open(path.c_str(), flags | O_RDONLY | O_CLOEXEC));
    if (descriptor || errno != EINTR) return descriptor;
  }
}

void refuse_open(const std::string& path) {
  const int failure = errno;
  const bool absent = failure == ENOENT || failure == ENOTDIR;
  throw error(
      file_problem(absent ? error_code::not_found : error_code::io, {path}, reason(failure)));
}

}  // namespace warmstart::detail

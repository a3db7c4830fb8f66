#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

#include "io/descriptor.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

// File access without the library, whose own access is being measured.

[[noreturn]] inline void throw_errno(const std::string& path, const char* call) {
  throw error(error_code::io, path + ": " + call + ": " + std::generic_category().message(errno));
}

/// Throws `io`.
inline unique_descriptor open_or_throw(const std::string& path, int flags) {
  unique_descriptor opened(::open(path.c_str(), flags | O_CLOEXEC, 0666));
  if (!opened) throw_errno(path, "open");
  return opened;
}

/// Throws `io`.
inline std::size_t size_of_file(const std::string& path, int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw_errno(path, "fstat");
  return static_cast<std::size_t>(status.st_size);
}

}  // namespace warmstart::detail

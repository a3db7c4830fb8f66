#include "io/system_calls.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace warmstart::detail {

int system_calls::open(const char* path, int flags) const noexcept {
  return ::open(path, flags);
}

int system_calls::stat(const char* path, struct stat& into) const noexcept {
  return ::stat(path, &into);
}

int system_calls::fstat(int descriptor, struct stat& into) const noexcept {
  return ::fstat(descriptor, &into);
}

int system_calls::statfs(const char* path, struct statfs& into) const noexcept {
  return ::statfs(path, &into);
}

int system_calls::fstatfs(int descriptor, struct statfs& into) const noexcept {
  return ::fstatfs(descriptor, &into);
}

ssize_t system_calls::preadv(int descriptor, std::span<const iovec> buffers,
                             off_t offset) const noexcept {
  return ::preadv(descriptor, buffers.data(), static_cast<int>(buffers.size()), offset);
}

ssize_t system_calls::read(int descriptor, std::span<std::byte> buffer) const noexcept {
  return ::read(descriptor, buffer.data(), buffer.size());
}

DIR* system_calls::opendir(const char* path) const noexcept {
  return ::opendir(path);
}

dirent* system_calls::readdir(DIR* directory) const noexcept {
  errno = 0;
  return ::readdir(directory);
}

}  // namespace warmstart::detail

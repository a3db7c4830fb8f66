#pragma once

#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include <cstddef>
#include <memory>
#include <span>

#include "io/file.hpp"

namespace warmstart::detail {

/// The system calls that file access uses. On failure they return -1 or null and set `errno`, like
/// the system's; tests override them to inject failures. Thread safe.
class system_calls {
 public:
  system_calls() = default;
  system_calls(const system_calls&) = delete;
  system_calls& operator=(const system_calls&) = delete;
  virtual ~system_calls() = default;

  virtual int open(const char* path, int flags) const noexcept;
  virtual int stat(const char* path, struct stat& into) const noexcept;
  virtual int fstat(int descriptor, struct stat& into) const noexcept;
  virtual int statfs(const char* path, struct statfs& into) const noexcept;
  virtual int fstatfs(int descriptor, struct statfs& into) const noexcept;
  virtual ssize_t preadv(int descriptor, std::span<const iovec> buffers,
                         off_t offset) const noexcept;
  virtual ssize_t read(int descriptor, std::span<std::byte> buffer) const noexcept;
  virtual DIR* opendir(const char* path) const noexcept;
  /// Returns null with `errno` 0 at the end of the directory.
  virtual dirent* readdir(DIR* directory) const noexcept;
};

/// `system_files`, `read_stream` and `visit_stream` with the given system calls.
[[nodiscard]] std::shared_ptr<const file_system> system_files(
    std::shared_ptr<const system_calls> calls);
[[nodiscard]] std::vector<std::byte> read_stream(const std::string& path, std::int64_t limit_bytes,
                                                 const system_calls& calls);
void visit_stream(const std::string& path,
                  const std::function<bool(std::span<const std::byte>)>& visit,
                  const system_calls& calls);

}  // namespace warmstart::detail

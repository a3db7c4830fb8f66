#pragma once

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>

#include "io/system_calls.hpp"

namespace warmstart::detail::test {

/// Real system calls, some of which fail or transfer less than requested.
class scripted_calls final : public system_calls {
 public:
  int failing_call = -1;                                       ///< counted from 0 over all calls
  int failure = EIO;                                           ///< its errno
  std::size_t most = std::numeric_limits<std::size_t>::max();  ///< bytes that one read gets
  int interruptions = 0;                 ///< each call that may be fails so often with EINTR
  std::function<void(int)> before_read;  ///< with the number of the preadv, from 0
  bool refuse_direct = false;            ///< files open for direct reads, which then fail
  std::optional<long> file_system;       ///< the magic number of all of them

  [[nodiscard]] int calls() const { return calls_; }

  int open(const char* path, int flags) const noexcept override {
    return fails() || is_interrupted() ? -1 : system_calls::open(path, flags);
  }
  int stat(const char* path, struct stat& into) const noexcept override {
    return fails() ? -1 : system_calls::stat(path, into);
  }
  int fstat(int descriptor, struct stat& into) const noexcept override {
    return fails() ? -1 : system_calls::fstat(descriptor, into);
  }
  int statfs(const char* path, struct statfs& into) const noexcept override {
    return fails() ? -1 : kind(system_calls::statfs(path, into), into);
  }
  int fstatfs(int descriptor, struct statfs& into) const noexcept override {
    return fails() ? -1 : kind(system_calls::fstatfs(descriptor, into), into);
  }
  ssize_t preadv(int descriptor, std::span<const iovec> buffers,
                 off_t offset) const noexcept override {
    if (fails() || is_interrupted()) return -1;
    if (refuse_direct && (::fcntl(descriptor, F_GETFL) & O_DIRECT) != 0) {
      errno = EINVAL;
      return -1;
    }
    if (before_read) before_read(reads_++);
    if (most == std::numeric_limits<std::size_t>::max()) {
      return system_calls::preadv(descriptor, buffers, offset);
    }
    iovec first = buffers.front();
    first.iov_len = std::min(first.iov_len, most);
    return system_calls::preadv(descriptor, std::span(&first, 1), offset);
  }
  ssize_t read(int descriptor, std::span<std::byte> buffer) const noexcept override {
    if (fails() || is_interrupted()) return -1;
    return system_calls::read(descriptor, buffer.first(std::min(buffer.size(), most)));
  }
  DIR* opendir(const char* path) const noexcept override {
    return fails() || is_interrupted() ? nullptr : system_calls::opendir(path);
  }
  dirent* readdir(DIR* directory) const noexcept override {
    return fails() || is_interrupted() ? nullptr : system_calls::readdir(directory);
  }

 private:
  int kind(int result, struct statfs& of) const noexcept {
    if (result == 0 && file_system) of.f_type = *file_system;
    return result;
  }
  bool fails() const noexcept {
    if (calls_++ != failing_call) return false;
    errno = failure;
    return true;
  }
  bool is_interrupted() const noexcept {
    if (interruptions == 0 || interrupted_++ % (interruptions + 1) == interruptions) return false;
    errno = EINTR;
    return true;
  }

  mutable std::atomic<int> calls_ = 0;
  mutable std::atomic<int> interrupted_ = 0;
  mutable std::atomic<int> reads_ = 0;
};

}  // namespace warmstart::detail::test

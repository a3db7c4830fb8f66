#include "cli/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "warmstart/error.hpp"

namespace warmstart::detail::cli {
namespace {

constexpr mode_t PERMISSIONS = 0777;

struct temporary_files {
  std::mutex mutex;
  std::set<std::string> paths;
};

// Existing temporary files of this process. Never destroyed: a thread can end the process any time.
temporary_files& all_temporaries() {
  static auto* const files = new temporary_files;
  return *files;
}

// A name in the directory of `path`, because a rename cannot cross file systems. It does not
// contain the file's name, which may already have the maximum length.
std::string temporary_name(const std::string& path) {
  std::random_device random;
  const std::uint64_t number = std::uint64_t{random()} << 32 | random();
  return fmt::format("{}.warmstart-{:016x}.tmp", path.substr(0, path.rfind('/') + 1), number);
}

std::optional<mode_t> permissions_of_regular_file(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  return found.st_mode & PERMISSIONS;
}

}  // namespace

ssize_t output_calls::write(int descriptor, std::span<const std::byte> bytes) const noexcept {
  return ::write(descriptor, bytes.data(), bytes.size());
}
int output_calls::fsync(int descriptor) const noexcept {
  return ::fsync(descriptor);
}
int output_calls::close(int descriptor) const noexcept {
  return ::close(descriptor);
}
int output_calls::rename(const char* from, const char* to) const noexcept {
  return std::rename(from, to);
}

atomic_file::atomic_file(std::string path, std::shared_ptr<const output_calls> calls)
    : path_(std::move(path)), calls_(std::move(calls)) {
  if (path_.empty() || !is_name(path_)) refuse("created", ENOENT);
  struct stat found {};
  if (::stat(path_.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) {
    throw error(error_code::io,
                fmt::format("{}: cannot be created: it exists and is not a regular file", path_));
  }
  create();
}

atomic_file::~atomic_file() {
  if (temporary_.empty()) return;
  const std::lock_guard lock(all_temporaries().mutex);
  (void)::unlink(temporary_.c_str());
  all_temporaries().paths.erase(temporary_);
}

void atomic_file::create() {
  constexpr int MAX_ATTEMPTS = 100;
  const auto permissions = permissions_of_regular_file(path_);
  for (int attempt = 1; !descriptor_; ++attempt) {
    std::string name = temporary_name(path_);
    const std::lock_guard lock(all_temporaries().mutex);
    // The temporary file never has more permissions than the final one.
    descriptor_ =
        unique_descriptor(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 permissions.value_or(0666)));
    if (descriptor_) {
      all_temporaries().paths.insert(name);
      temporary_ = std::move(name);
    } else if ((errno != EEXIST && errno != EINTR) || attempt == MAX_ATTEMPTS) {
      refuse("created", errno);
    }
  }
  // Restore what the umask removed: it should affect only new files.
  if (permissions && ::fchmod(descriptor_.get(), *permissions) != 0) {
    const int failure = errno;
    const std::lock_guard lock(all_temporaries().mutex);
    (void)::unlink(temporary_.c_str());
    all_temporaries().paths.erase(temporary_);
    refuse("created", failure);
  }
}

void atomic_file::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = calls_->write(descriptor_.get(), bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) refuse("written", written < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void atomic_file::commit() {
  // EINVAL: the file system has no fsync.
  while (calls_->fsync(descriptor_.get()) != 0) {
    if (errno == EINVAL) break;
    if (errno != EINTR) refuse("written", errno);
  }
  // Network file systems can report a failed write here. On EINTR, Linux has closed the descriptor.
  if (calls_->close(descriptor_.release()) != 0 && errno != EINTR) refuse("written", errno);
  const std::lock_guard lock(all_temporaries().mutex);
  if (calls_->rename(temporary_.c_str(), path_.c_str()) != 0) refuse("created", errno);
  all_temporaries().paths.erase(temporary_);
  temporary_.clear();
}

void remove_temporary_files() noexcept {
  temporary_files& all = all_temporaries();
  all.mutex.lock();  // never unlocked
  for (const std::string& path : all.paths) (void)::unlink(path.c_str());
}

void atomic_file::refuse(const char* what, int failure) const {
  throw error(error_code::io, fmt::format("{}: cannot be {}: {}", path_, what, reason(failure)));
}

}  // namespace warmstart::detail::cli

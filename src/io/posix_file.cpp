#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/file_problem.hpp"
#include "io/buffer_cursor.hpp"
#include "io/descriptor.hpp"
#include "io/directory.hpp"
#include "io/file.hpp"
#include "io/file_mapping.hpp"
#include "io/page_cache.hpp"
#include "io/storage_kind.hpp"
#include "io/system_calls.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

file_identity identity_of(const struct stat& status) {
  return {
      .device = status.st_dev,
      .inode = status.st_ino,
      .size_bytes = status.st_size,
      .modified_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

[[noreturn]] void refuse_direct(const std::string& path) {
  throw error(
      file_problem(error_code::unsupported, {path},
                   "the file system does not support direct reads (O_DIRECT); use buffered reads"));
}

class posix_file final : public file {
 public:
  posix_file(std::shared_ptr<const system_calls> calls, std::string path,
             unique_descriptor descriptor, read_mode mode)
      : calls_(std::move(calls)),
        path_(std::move(path)),
        descriptor_(std::move(descriptor)),
        mode_(mode) {
    struct statfs of {};
    if (mode_ == read_mode::mapped && calls_->fstatfs(descriptor_.get(), of) == 0) {
      mapping_ =
          file_mapping::make(descriptor_.get(), identity().size_bytes, mapped_page_bytes(of));
    }
  }

  [[nodiscard]] const std::string& path() const noexcept override { return path_; }

  [[nodiscard]] file_identity identity() const override {
    struct stat status {};
    if (calls_->fstat(descriptor_.get(), status) != 0) {
      throw error(
          file_problem(error_code::io, {path_}, "cannot query the open file: " + reason(errno)));
    }
    return identity_of(status);
  }

  using file::read;
  void read(std::int64_t offset_bytes,
            std::span<const std::span<std::byte>> buffers) const override {
    const std::int64_t begin = offset_bytes;
    for (buffer_cursor cursor(buffers); !cursor.at_end();) {
      std::int64_t got = read_once(cursor.vectors(), offset_bytes);
      // A direct read may end at the end of the file. A short read anywhere else is continued from
      // the last whole page.
      if (mode_ == read_mode::direct && (got == 0 || got % direct_alignment != 0)) {
        if (offset_bytes + got == identity().size_bytes) return;
        got -= got % direct_alignment;
      }
      if (got == 0) refuse_end(begin, offset_bytes, buffers);
      offset_bytes += got;
      cursor.advance(static_cast<std::size_t>(got));
    }
  }

  [[nodiscard]] bool read_in_place(
      std::int64_t offset_bytes, std::int64_t size_bytes,
      const std::function<void(std::span<const std::byte>)>& use) const override {
    return mapping_ != nullptr && mapping_->read(offset_bytes, size_bytes, use);
  }
  void release_in_place(std::int64_t offset_bytes, std::int64_t size_bytes) const override {
    if (mapping_ != nullptr) mapping_->release(offset_bytes, size_bytes);
  }

 private:
  [[nodiscard]] std::int64_t read_once(std::span<const iovec> into,
                                       std::int64_t offset_bytes) const {
    for (;;) {
      const ssize_t got = calls_->preadv(descriptor_.get(), into, offset_bytes);
      if (got >= 0) return got;
      if (errno == EINTR) continue;
      // Some file systems accept O_DIRECT in open but refuse the reads.
      if (errno == EINVAL && mode_ == read_mode::direct) refuse_direct(path_);
      throw error(
          file_problem(error_code::io, {path_, offset_bytes}, "cannot read: " + reason(errno)));
    }
  }

  [[noreturn]] void refuse_end(std::int64_t begin, std::int64_t at,
                               std::span<const std::span<std::byte>> buffers) const {
    std::int64_t wanted = 0;
    for (const auto& buffer : buffers) wanted += static_cast<std::int64_t>(buffer.size());
    throw error(file_difference(
        error_code::corrupt, {path_, begin}, "the file ends too early",
        {.expected = fmt::format("{} bytes", wanted), .found = fmt::format("{}", at - begin)}));
  }

  std::shared_ptr<const system_calls> calls_;
  std::string path_;
  unique_descriptor descriptor_;
  read_mode mode_;
  std::unique_ptr<const file_mapping> mapping_;  ///< null if in-place reads are not possible
};

class posix_file_system final : public file_system {
 public:
  explicit posix_file_system(std::shared_ptr<const system_calls> calls)
      : calls_(std::move(calls)) {}

  [[nodiscard]] file_identity identify(const std::string& path) const override {
    struct stat status {};
    return look(path, status) ? identity_of(status) : file_identity{};
  }

  [[nodiscard]] bool is_directory(const std::string& path) const override {
    struct stat status {};
    return look(path, status) && S_ISDIR(status.st_mode);
  }

  [[nodiscard]] bool is_regular(const std::string& path) const override {
    struct stat status {};
    return look(path, status) && S_ISREG(status.st_mode);
  }

  [[nodiscard]] bool is_remote(const std::string& path) const override {
    struct statfs of {};
    return is_name(path) && calls_->statfs(path.c_str(), of) == 0 && detail::is_remote(of);
  }

  [[nodiscard]] std::optional<double> cached_share(const std::string& path) const override {
    const unique_descriptor descriptor = open_descriptor(*calls_, path, O_NONBLOCK);
    struct stat status {};
    struct statfs of {};
    if (!descriptor || calls_->fstat(descriptor.get(), status) != 0) return std::nullopt;
    // A remote file may also be in its server's cache, which cannot be queried.
    if (calls_->fstatfs(descriptor.get(), of) != 0 || detail::is_remote(of)) return std::nullopt;
    return detail::cached_share(descriptor.get(), status.st_size);
  }

  [[nodiscard]] std::vector<std::string> list(const std::string& directory) const override {
    return list_directory(*calls_, directory);
  }

  [[nodiscard]] std::unique_ptr<file> open(const std::string& path, read_mode mode) const override {
    // O_NONBLOCK, because opening a pipe would wait for a writer. It has no effect on regular
    // files.
    unique_descriptor descriptor =
        open_descriptor(*calls_, path, O_NONBLOCK | (mode == read_mode::direct ? O_DIRECT : 0));
    if (!descriptor) {
      if (errno == EINVAL && mode == read_mode::direct) refuse_direct(path);
      refuse_open(path);
    }
    struct stat status {};
    if (calls_->fstat(descriptor.get(), status) == 0 && !S_ISREG(status.st_mode) &&
        !S_ISDIR(status.st_mode)) {
      throw error(file_difference(error_code::unsupported, {path}, "",
                                  {.expected = "a file", .found = "a pipe, a socket or a device"}));
    }
    return std::make_unique<posix_file>(calls_, path, std::move(descriptor), mode);
  }

 private:
  bool look(const std::string& path, struct stat& status) const {
    if (!is_name(path)) return false;
    if (calls_->stat(path.c_str(), status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    throw error(file_problem(error_code::io, {path}, reason(errno)));
  }

  std::shared_ptr<const system_calls> calls_;
};

}  // namespace

std::shared_ptr<const file_system> system_files(std::shared_ptr<const system_calls> calls) {
  return std::make_shared<const posix_file_system>(std::move(calls));
}

std::shared_ptr<const file_system> system_files() {
  return system_files(std::make_shared<const system_calls>());
}

}  // namespace warmstart::detail

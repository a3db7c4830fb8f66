#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "core/unique_handle.hpp"
#include "core/units.hpp"
#include "io/file.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

struct descriptor_traits {
  using handle_type = int;
  static constexpr int none = -1;
  static void close(int descriptor) noexcept { (void)::close(descriptor); }
};
using unique_descriptor = unique_handle<descriptor_traits>;

std::string reason(int failure) {
  return std::generic_category().message(failure);
}

file_identity identity_of(const struct stat& status) {
  return {
      .device = status.st_dev,
      .inode = status.st_ino,
      .size_bytes = status.st_size,
      .modified_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

/// A position in a list of buffers, as far as they have been filled.
class buffer_cursor {
 public:
  explicit buffer_cursor(std::span<const std::span<std::byte>> buffers) : buffers_(buffers) {
    skip_full();
  }

  [[nodiscard]] bool at_end() const { return buffers_.empty(); }

  /// The next buffers for one system call: no more than it takes.
  [[nodiscard]] std::span<const iovec> vectors() {
    constexpr std::size_t MAX_CALL_BYTES = gibibyte;
    std::size_t total = 0;
    std::size_t count = 0;
    for (std::size_t i = 0;
         i < buffers_.size() && count < vectors_.size() && total < MAX_CALL_BYTES; ++i) {
      const auto rest = i == 0 ? buffers_[i].subspan(filled_) : buffers_[i];
      const std::size_t size = std::min(rest.size(), MAX_CALL_BYTES - total);
      vectors_[count++] = {.iov_base = rest.data(), .iov_len = size};
      total += size;
    }
    return std::span(vectors_).first(count);
  }

  void advance(std::size_t bytes) {
    while (bytes != 0) {
      const std::size_t step = std::min(bytes, buffers_.front().size() - filled_);
      filled_ += step;
      bytes -= step;
      skip_full();
    }
  }

 private:
  void skip_full() {
    while (!buffers_.empty() && filled_ == buffers_.front().size()) {
      buffers_ = buffers_.subspan(1);
      filled_ = 0;
    }
  }

  std::span<const std::span<std::byte>> buffers_;
  std::size_t filled_ = 0;  ///< of the first one
  std::array<iovec, 256> vectors_{};
};

class posix_file final : public file {
 public:
  posix_file(std::string path, unique_descriptor descriptor, read_mode mode)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), mode_(mode) {}

  [[nodiscard]] const std::string& path() const noexcept override { return path_; }

  [[nodiscard]] file_identity identity() const override {
    struct stat status {};
    if (fstat(descriptor_.get(), &status) != 0) {
      throw error(error_code::io, fmt::format("{}: fstat failed: {}", path_, reason(errno)));
    }
    return identity_of(status);
  }

  using file::read;
  void read(std::int64_t offset_bytes,
            std::span<const std::span<std::byte>> buffers) const override {
    const std::int64_t begin = offset_bytes;
    for (buffer_cursor cursor(buffers); !cursor.at_end();) {
      const auto vectors = cursor.vectors();
      const ssize_t got =
          preadv(descriptor_.get(), vectors.data(), static_cast<int>(vectors.size()), offset_bytes);
      if (got < 0) {
        if (errno == EINTR) continue;
        throw error(error_code::io, fmt::format("{}: reading at offset {}: {}", path_, offset_bytes,
                                                reason(errno)));
      }
      offset_bytes += got;
      cursor.advance(static_cast<std::size_t>(got));
      if (cursor.at_end()) return;
      // A direct read of the last page ends with the file; going on from there would be unaligned.
      if (mode_ == read_mode::direct && offset_bytes == identity().size_bytes) return;
      if (got == 0) refuse_end(begin, offset_bytes, buffers);
    }
  }

 private:
  [[noreturn]] void refuse_end(std::int64_t begin, std::int64_t at,
                               std::span<const std::span<std::byte>> buffers) const {
    std::int64_t wanted = 0;
    for (const auto& buffer : buffers) wanted += static_cast<std::int64_t>(buffer.size());
    throw error(error_code::corrupt,
                fmt::format("{}: the file ends too early: expected {} bytes at offset {}, found {}",
                            path_, wanted, begin, at - begin));
  }

  std::string path_;
  unique_descriptor descriptor_;
  read_mode mode_;
};

[[noreturn]] void refuse_open(const std::string& path) {
  const int failure = errno;
  const bool absent = failure == ENOENT || failure == ENOTDIR;
  throw error(absent ? error_code::not_found : error_code::io,
              fmt::format("{}: {}", path, reason(failure)));
}

[[noreturn]] void refuse_size(const std::string& path, const std::string& size,
                              std::int64_t limit_bytes) {
  throw error(error_code::unsupported,
              fmt::format("{}: {} bytes, more than the {} that are read of such a file", path, size,
                          limit_bytes));
}

class posix_file_system final : public file_system {
 public:
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

  [[nodiscard]] std::vector<std::string> list(const std::string& directory) const override {
    std::error_code failure;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator next(directory, failure), end; !failure && next != end;
         next.increment(failure)) {
      names.push_back(next->path().filename().string());
    }
    if (failure) {
      throw error(error_code::io, fmt::format("{}: {}", directory, failure.message()));
    }
    return names;
  }

  [[nodiscard]] std::unique_ptr<file> open(const std::string& path, read_mode mode) const override {
    // Not blocking, or opening a pipe would wait for a writer; regular files know no difference.
    const int flags =
        O_RDONLY | O_CLOEXEC | O_NONBLOCK | (mode == read_mode::direct ? O_DIRECT : 0);
    unique_descriptor descriptor(::open(path.c_str(), flags));
    if (!descriptor) {
      if (errno == EINVAL && mode == read_mode::direct) {
        throw error(error_code::unsupported,
                    fmt::format("{}: this file system has no direct reads (O_DIRECT)", path));
      }
      refuse_open(path);
    }
    struct stat status {};
    if (fstat(descriptor.get(), &status) == 0 && !S_ISREG(status.st_mode) &&
        !S_ISDIR(status.st_mode)) {
      throw error(error_code::unsupported,
                  fmt::format("{}: expected a file, found a pipe, a socket or a device", path));
    }
    return std::make_unique<posix_file>(path, std::move(descriptor), mode);
  }

 private:
  static bool look(const std::string& path, struct stat& status) {
    if (stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    throw error(error_code::io, fmt::format("{}: {}", path, reason(errno)));
  }
};

}  // namespace

std::shared_ptr<const file_system> system_files() {
  return std::make_shared<const posix_file_system>();
}

std::vector<std::byte> read_whole(const file_system& files, const std::string& path,
                                  std::int64_t limit_bytes) {
  const auto from = files.open(path, read_mode::buffered);
  const std::int64_t size = from->identity().size_bytes;
  if (size > limit_bytes) refuse_size(path, std::to_string(size), limit_bytes);
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  from->read(0, std::span(bytes));
  return bytes;
}

std::vector<std::byte> read_stream(const std::string& path, std::int64_t limit_bytes) {
  const unique_descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) refuse_open(path);
  std::vector<std::byte> bytes;
  std::array<std::byte, 64 * kibibyte> block;
  for (;;) {
    const ssize_t got = ::read(descriptor.get(), block.data(), block.size());
    if (got == 0) return bytes;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw error(error_code::io, fmt::format("{}: {}", path, reason(errno)));
    bytes.insert(bytes.end(), block.begin(), block.begin() + got);
    if (static_cast<std::int64_t>(bytes.size()) > limit_bytes) {
      refuse_size(path, "at least " + std::to_string(bytes.size()), limit_bytes);
    }
  }
}

}  // namespace warmstart

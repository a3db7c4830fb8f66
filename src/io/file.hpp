#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/catalog.hpp"

namespace warmstart {

/// A file open for reading. Any number of threads may read at once.
class file {
 public:
  file() = default;
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  virtual ~file() = default;

  [[nodiscard]] virtual const std::string& path() const noexcept = 0;
  /// Of the open file, whatever its path leads to by now. Throws `io`.
  [[nodiscard]] virtual file_identity identity() const = 0;

  /// Fills the buffers one after another with the bytes from `offset_bytes` >= 0 on. Interrupted
  /// and short reads are continued. Throws `io` if the system fails, `corrupt` if the file ends
  /// before the last buffer is full; both name path and offset. The buffers are then undefined.
  ///
  /// Direct files need offset, sizes and addresses to be multiples of `direct_alignment`, and may
  /// fill the last buffer only to the end of the file.
  virtual void read(std::int64_t offset_bytes,
                    std::span<const std::span<std::byte>> buffers) const = 0;

  void read(std::int64_t offset_bytes, std::span<std::byte> buffer) const {
    read(offset_bytes, std::span(&buffer, 1));
  }

  /// Calls `use` with the bytes where they lie in memory, if the file is mapped. False if it is
  /// not, or was shorter, or has lost pages by now (it was truncated, or its disk failed): what
  /// `use` made of the bytes is then undefined, and `read` reports what is wrong.
  ///
  /// The bytes may change while `use` looks at them, and differ at a second look.
  [[nodiscard]] virtual bool read_in_place(
      std::int64_t /*offset_bytes*/, std::int64_t /*size_bytes*/,
      const std::function<void(std::span<const std::byte>)>& /*use*/) const {
    return false;
  }
  /// These bytes are not read in place again: they need not count as memory of the process.
  virtual void release_in_place(std::int64_t /*offset_bytes*/, std::int64_t /*size_bytes*/) const {}
};

/// Bytes [begin, end) of a file, as far as a reader is to look.
struct file_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

enum class read_mode {
  buffered,  ///< through the page cache
  mapped,    ///< likewise, or by `file::read_in_place` where the system can
  direct,    ///< past it (O_DIRECT)
};

inline constexpr std::int64_t direct_alignment = 4096;

/// How the library reaches files: the system's, or a scripted one in tests. Thread safe.
class file_system {
 public:
  file_system() = default;
  file_system(const file_system&) = delete;
  file_system& operator=(const file_system&) = delete;
  virtual ~file_system() = default;

  /// Size -1 if there is nothing of that name. Throws `io` if the system will not say.
  [[nodiscard]] virtual file_identity identify(const std::string& path) const = 0;
  [[nodiscard]] virtual bool is_directory(const std::string& path) const = 0;
  /// A file with contents of its own: no directory, pipe, socket or device.
  [[nodiscard]] virtual bool is_regular(const std::string& path) const = 0;
  /// Whether a path is on a network or FUSE file system. False if the system does not say.
  [[nodiscard]] virtual bool is_remote(const std::string& path) const = 0;
  /// About how much of a file is in the page cache, 0 to 1, if this can be known.
  [[nodiscard]] virtual std::optional<double> cached_share(const std::string& path) const = 0;
  /// The names of what is in a directory, in any order. Throws `io`.
  [[nodiscard]] virtual std::vector<std::string> list(const std::string& directory) const = 0;
  /// Throws `not_found` if there is no such file, `unsupported` if the file system has no direct
  /// reads or what is there is a pipe or device (it never waits for one), else `io`.
  [[nodiscard]] virtual std::unique_ptr<file> open(const std::string& path,
                                                   read_mode mode) const = 0;
};

[[nodiscard]] std::shared_ptr<const file_system> system_files();

/// All of a file. Throws as `file::read`, and `unsupported` if it is larger than `limit_bytes`.
[[nodiscard]] std::vector<std::byte> read_whole(const file_system& files, const std::string& path,
                                                std::int64_t limit_bytes);

/// Everything that can be read from a path of the system, a pipe's too, for which it waits. Throws
/// `not_found`, `io`, and `unsupported` if there is more than `limit_bytes`.
[[nodiscard]] std::vector<std::byte> read_stream(const std::string& path, std::int64_t limit_bytes);

/// The same, block by block, until `visit` returns false. Throws `not_found` and `io`.
void visit_stream(const std::string& path,
                  const std::function<bool(std::span<const std::byte>)>& visit);

}  // namespace warmstart

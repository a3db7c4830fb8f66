#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "warmstart/export.hpp"

namespace warmstart {

/// Identifies a file and its contents: equal identities mean that the file has not changed. Does
/// not contain the time of the last status change, because new hard links and permissions change
/// it.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size_bytes = -1;  ///< -1 if the file does not exist
  /// Nanoseconds since 1970, or any number that changes with the contents.
  std::int64_t modified_ns = 0;

  [[nodiscard]] bool exists() const noexcept { return size_bytes >= 0; }
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// A file opened for reading. Thread safe: any number of threads may read at the same time.
class WARMSTART_EXPORT file {
 public:
  file() = default;
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  virtual ~file() = default;

  [[nodiscard]] virtual const std::string& path() const noexcept = 0;
  /// Identity of the open file, even if its path names another file by now. Throws `io`.
  [[nodiscard]] virtual file_identity identity() const = 0;

  /// Fills the buffers in order with the bytes that start at `offset_bytes` >= 0. Continues
  /// interrupted and short reads. Throws `io` if a system call fails and `corrupt` if the file ends
  /// before the last buffer is full; both messages name path and offset. After an error the
  /// contents of the buffers are undefined.
  ///
  /// For a file opened with `read_mode::direct`, the offset and the buffers' sizes and addresses
  /// must be multiples of `direct_alignment`; the last buffer may be filled only up to the end of
  /// the file.
  virtual void read(std::int64_t offset_bytes,
                    std::span<const std::span<std::byte>> buffers) const = 0;

  void read(std::int64_t offset_bytes, std::span<std::byte> buffer) const {
    read(offset_bytes, std::span(&buffer, 1));
  }

  /// In-place read: calls `use` with the bytes of the memory mapping. Returns false if the file is
  /// not mapped, is too short, or lost pages while `use` ran (it was truncated, or its disk
  /// failed). Results of `use` are then undefined; call `read`, which reports the cause.
  ///
  /// Other processes may change the bytes while `use` runs, so reading a byte twice may return
  /// different values.
  [[nodiscard]] virtual bool read_in_place(
      std::int64_t /*offset_bytes*/, std::int64_t /*size_bytes*/,
      const std::function<void(std::span<const std::byte>)>& /*use*/) const {
    return false;
  }
  /// Hint: these bytes will not be read in place again. The implementation may unmap their pages,
  /// so that they no longer count as memory of the process.
  virtual void release_in_place(std::int64_t /*offset_bytes*/, std::int64_t /*size_bytes*/) const {}
};

enum class read_mode {
  buffered,  ///< through the page cache
  mapped,    ///< like `buffered`, and by `file::read_in_place` if the file can be mapped
  direct,    ///< bypasses the page cache (O_DIRECT)
};

inline constexpr std::int64_t direct_alignment = 4096;

/// Access to files. Implement it to load from an object store, an archive or memory, and pass it to
/// `checkpoint::open`, `init_from_checkpoint` or `load_checkpoint`; later loads from that
/// checkpoint use it too. Vocabulary files are always read from the operating system's files. The
/// implementation defines what paths mean, except that `/` separates directories. It must be thread
/// safe: a load opens and reads files on several threads.
///
/// See `examples/files_in_memory.cpp` for an implementation of 60 lines.
class WARMSTART_EXPORT file_system {
 public:
  file_system() = default;
  file_system(const file_system&) = delete;
  file_system& operator=(const file_system&) = delete;
  virtual ~file_system() = default;

  /// Identity of a file; its size is -1 if nothing exists at `path`. A load fails if the identity
  /// differs from the one at the time the checkpoint was opened. Throws `io`.
  [[nodiscard]] virtual file_identity identify(const std::string& path) const = 0;
  /// Opens a file. Throws `not_found` if it does not exist, `unsupported` if it is not a file or if
  /// direct reads are not supported, else `io`. For `mapped` an implementation may return a file
  /// whose `read_in_place` always returns false.
  [[nodiscard]] virtual std::unique_ptr<file> open(const std::string& path,
                                                   read_mode mode) const = 0;

  /// Whether `path` is a regular file: not a directory, pipe, socket or device.
  [[nodiscard]] virtual bool is_regular(const std::string& path) const {
    return identify(path).exists();
  }
  [[nodiscard]] virtual bool is_directory(const std::string& /*path*/) const { return false; }
  /// Names of the entries of a directory, in any order. Needed for checkpoints that are given as a
  /// directory or a pattern. Throws `io`.
  [[nodiscard]] virtual std::vector<std::string> list(const std::string& /*directory*/) const {
    return {};
  }
  /// Whether a path is on a network or FUSE file system, where a file's device and inode numbers
  /// may change at any time. False if unknown.
  [[nodiscard]] virtual bool is_remote(const std::string& /*path*/) const { return false; }
  /// Approximate share of a file that is in the page cache, 0 to 1; nothing if unknown.
  [[nodiscard]] virtual std::optional<double> cached_share(const std::string& /*path*/) const {
    return std::nullopt;
  }
};

}  // namespace warmstart

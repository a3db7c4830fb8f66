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

/// What tells that a path still leads to the same, unchanged file. The time of its last status
/// change is not part of it: hard links and permissions change that one, too.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size_bytes = -1;  ///< -1: there is no such file
  std::int64_t modified_ns = 0;  ///< since 1970, or any other number that changes with the contents

  [[nodiscard]] bool exists() const noexcept { return size_bytes >= 0; }
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// A file open for reading. Any number of threads may read at once.
class WARMSTART_EXPORT file {
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
  /// Files opened for direct reads need offset, sizes and addresses to be multiples of
  /// `direct_alignment`, and may fill the last buffer only to the end of the file.
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

enum class read_mode {
  buffered,  ///< through the page cache
  mapped,    ///< likewise, or by `file::read_in_place` where the system can
  direct,    ///< past it (O_DIRECT)
};

inline constexpr std::int64_t direct_alignment = 4096;

/// How the library reaches files. Implement it to load from an object store, an archive or memory,
/// and pass it to `checkpoint::open`, `init_from_checkpoint` or `load_checkpoint`; what is loaded
/// later is read from there as well. Vocabulary files are always the operating system's. Paths mean
/// what the implementation makes of them; `/` separates directories. Thread safe: a load opens and
/// reads files on several threads.
///
/// `examples/files_in_memory.cpp` has one of 60 lines.
class WARMSTART_EXPORT file_system {
 public:
  file_system() = default;
  file_system(const file_system&) = delete;
  file_system& operator=(const file_system&) = delete;
  virtual ~file_system() = default;

  /// Size -1 if there is nothing of that name. A load is refused if a file has another identity
  /// than when its checkpoint was opened. Throws `io` if the system will not say.
  [[nodiscard]] virtual file_identity identify(const std::string& path) const = 0;
  /// Throws `not_found` if there is no such file, `unsupported` if it has no direct reads or what
  /// is there is no file, else `io`. `mapped` may be answered with a file that never is.
  [[nodiscard]] virtual std::unique_ptr<file> open(const std::string& path,
                                                   read_mode mode) const = 0;

  /// A file with contents of its own: no directory, pipe, socket or device.
  [[nodiscard]] virtual bool is_regular(const std::string& path) const {
    return identify(path).exists();
  }
  [[nodiscard]] virtual bool is_directory(const std::string& /*path*/) const { return false; }
  /// The names of what is in a directory, in any order: for checkpoints that are named by a
  /// directory or a pattern. Throws `io`.
  [[nodiscard]] virtual std::vector<std::string> list(const std::string& /*directory*/) const {
    return {};
  }
  /// Whether a path is on a network or FUSE file system, where a file may get another device and
  /// inode number at any time. False if the system does not say.
  [[nodiscard]] virtual bool is_remote(const std::string& /*path*/) const { return false; }
  /// About how much of a file is in the page cache, 0 to 1, if this can be known.
  [[nodiscard]] virtual std::optional<double> cached_share(const std::string& /*path*/) const {
    return std::nullopt;
  }
};

}  // namespace warmstart

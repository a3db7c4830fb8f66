#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "io/descriptor.hpp"

namespace warmstart::detail::cli {

/// The system calls that complete a file. They return -1 and set `errno` on failure; tests
/// substitute failing ones.
class output_calls {
 public:
  output_calls() = default;
  output_calls(const output_calls&) = delete;
  output_calls& operator=(const output_calls&) = delete;
  virtual ~output_calls() = default;

  virtual ssize_t write(int descriptor, std::span<const std::byte> bytes) const noexcept;
  virtual int fsync(int descriptor) const noexcept;
  virtual int close(int descriptor) const noexcept;
  virtual int rename(const char* from, const char* to) const noexcept;
};

/// Replaces a file as a whole: the bytes go to a temporary file in the same directory, and `commit`
/// renames it to PATH. Until then, and after any failure, PATH is as it was.
///
/// The temporary file has an unpredictable name and is always a new one, so that nothing that lies
/// in the directory, such as a symbolic link, can redirect the output. A regular file that is
/// replaced passes its permissions on. A symbolic link at PATH is replaced itself, as by rsync and
/// `sed -i`: the file it leads to is left alone. What is no regular file, such as a directory, a
/// pipe or a device, is refused, behind a symbolic link, too.
///
/// All functions throw `io`. A program that is killed leaves its temporary file behind, unless it
/// calls `remove_temporary_files` before.
class atomic_file {
 public:
  explicit atomic_file(std::string path, std::shared_ptr<const output_calls> calls =
                                             std::make_shared<const output_calls>());
  atomic_file(const atomic_file&) = delete;
  atomic_file& operator=(const atomic_file&) = delete;
  ~atomic_file();  ///< discards the bytes unless they were committed

  void write(std::span<const std::byte> bytes);
  /// Stores the bytes on the disk and renames the file. Call it once, last.
  void commit();

 private:
  void create();
  [[noreturn]] void refuse(const char* what, int failure) const;

  std::string path_;
  std::string temporary_;  ///< empty: there is none
  unique_descriptor descriptor_;
  std::shared_ptr<const output_calls> calls_;
};

/// For a program that is about to end: removes the temporary files that there are, from any thread.
/// No file can be created or committed afterwards; who tries to waits forever.
void remove_temporary_files() noexcept;

}  // namespace warmstart::detail::cli

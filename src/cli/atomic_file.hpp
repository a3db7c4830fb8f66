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

/// Replaces a whole file: writes to a temporary file in the same directory, and `commit` renames it
/// to PATH. Until then, and after any failure, PATH is unchanged.
///
/// The temporary file is always new and has an unpredictable name, so that nothing in the
/// directory, such as a symbolic link, can redirect the output. It gets the permissions of a
/// regular file that it replaces. A symbolic link at PATH is replaced, as by rsync and `sed -i`;
/// the file it points to is not touched. Anything but a regular file, such as a directory, a pipe
/// or a device, is refused, even if a symbolic link points to it.
///
/// All functions throw `io`. A program that is killed leaves its temporary file behind, unless it
/// called `remove_temporary_files`.
class atomic_file {
 public:
  explicit atomic_file(std::string path, std::shared_ptr<const output_calls> calls =
                                             std::make_shared<const output_calls>());
  atomic_file(const atomic_file&) = delete;
  atomic_file& operator=(const atomic_file&) = delete;
  ~atomic_file();  ///< removes the temporary file unless it was committed

  void write(std::span<const std::byte> bytes);
  /// Flushes the bytes to disk and renames the file. Call once, last.
  void commit();

 private:
  void create();
  [[noreturn]] void refuse(const char* what, int failure) const;

  std::string path_;
  std::string temporary_;  ///< empty: none exists
  unique_descriptor descriptor_;
  std::shared_ptr<const output_calls> calls_;
};

/// Removes all temporary files, from any thread, when the program is about to end. Threads that try
/// to create or commit a file afterwards block forever.
void remove_temporary_files() noexcept;

}  // namespace warmstart::detail::cli

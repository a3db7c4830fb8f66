#pragma once

#include <memory>

#include "core/catalog.hpp"
#include "io/file.hpp"

namespace warmstart {

/// What stands between a file that stores elements in a form of its own and those who read them:
/// gives the file as it would be if it stored them plainly, at offsets that the decoder chose.
/// Immutable.
class decoder {
 public:
  decoder() = default;
  decoder(const decoder&) = delete;
  decoder& operator=(const decoder&) = delete;
  virtual ~decoder() = default;

  /// Any part of it can be read, in any order, by any number of threads; no part is kept in memory.
  /// Its identity is that of the file as stored. Reading throws `corrupt` for what can not be
  /// decoded, or does not have the checksum that covers it. With direct reads, buffers may reach
  /// beyond what there is.
  [[nodiscard]] virtual std::unique_ptr<file> open(const file_system& files,
                                                   read_mode mode) const = 0;
};

/// Where a catalog's file is: in a file system of the caller's, or else in the system's.
[[nodiscard]] inline const file_system& files_of(const catalog_file& which,
                                                 const file_system& system) {
  return which.in ? *which.in : system;
}

/// Opens one of a catalog's files: what its extents count in. Throws what opening throws.
[[nodiscard]] inline std::unique_ptr<file> open_file(const file_system& files,
                                                     const catalog_file& which, read_mode mode) {
  return which.decoded_by ? which.decoded_by->open(files, mode) : files.open(which.path, mode);
}

}  // namespace warmstart

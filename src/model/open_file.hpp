#pragma once

#include <memory>

#include "io/decoder.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

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

}  // namespace warmstart::detail

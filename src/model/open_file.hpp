#pragma once

#include <memory>

#include "io/decoder.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// The file system of a catalog's file: the caller's, or `system` if it has none.
[[nodiscard]] inline const file_system& files_of(const catalog_file& which,
                                                 const file_system& system) {
  return which.file_system ? *which.file_system : system;
}

/// Opens a catalog's file, decoded if necessary, so that its extents refer to it. Throws like
/// `file_system::open`.
[[nodiscard]] inline std::unique_ptr<file> open_file(const file_system& files,
                                                     const catalog_file& which, read_mode mode) {
  return which.decoded_by ? which.decoded_by->open(files, mode) : files.open(which.path, mode);
}

}  // namespace warmstart::detail
